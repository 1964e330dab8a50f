"""Lines that carry a talk on: performances, follow-ups, remarks on what was said, questions back."""

from greenroom.llm.understudy.repertoire.lines import Lines

TURNS: Lines = {
    "repeated": {
        "any": (
            "Did I? Then here's something new.",
            "Again? I must be fond of it. All right, {name}, something else.",
            "So I did. Let me try another door.",
            "Did I really? You see what good company does to me.",
        ),
        "hearty": (
            "Aw, did I? My brain's got like three songs on it. Okay, new one.",
            "Yeah, well, it was good the first time, {name}!",
        ),
        "learned": (
            "A refrain, {name}. The great ones all have them. But very well.",
            "One repeats what is worth repeating. Still, let me vary the theme.",
        ),
        "plain": ("I may have, {name}. The days run together here.",),
    },
    "overheard": {
        "any": (
            "Trust {name} to say that.",
            "I wouldn't have put it like that, {name}.",
            "You're one to talk, {name}.",
            "{name} has a point, for once.",
            "And there we have it, straight from {name}.",
            "Is anybody writing down what {name} says?",
        ),
        "hearty": (
            "Hehe. Classic {name}.",
            "What {name} said! Whatever it was!",
        ),
        "learned": (
            "Do sit down, {name}.",
            "Fascinating, {name}. The rest of us will try to recover.",
        ),
        "plain": (
            "I'd not quarrel with {name} on that.",
            "Let {name} talk. It passes the time.",
        ),
    },
    "guess": {
        "any": (
            "What? Don't make me guess, {name}.",
            "Go on, {name}. I'm all ears.",
            "I give up. What is it?",
        ),
        "hearty": ("Ooh, is it a sandwich? Tell me it's a sandwich!",),
        "learned": ("You've finished a thought, {name}? Do share it.",),
        "plain": ("Say it, {name}. I've time.",),
    },
    "huh": {
        "any": (
            "You heard me, {name}.",
            "Just what I said.",
            "Never mind, {name}. It was better in my head.",
        ),
        "hearty": ("I dunno, I stopped listenin' to me too!",),
        "learned": ("I don't repeat myself, {name}; it spoils the echo.",),
    },
    "joke": {
        "any": (
            "A man walks into a door. It's funnier when you know him.",
            "I know one about patience, but I'll tell you later.",
            "Knock, knock. No? Then I'm coming in.",
        ),
        "hearty": (
            "Okay, so a guy walks into a bar, and it's me, and I'm still there. Hehe. That's the whole joke!",
            "What's brown and sticky? A stick! Ha! Somebody thought that up!",
        ),
        "learned": (
            "A critic, a poet and a banker share a taxi. The poet is asked to walk. I didn't say that it was a comedy.",
            "I know a joke about brevity.",
        ),
        "plain": (
            "Two snails were passed by a tortoise. Asked what happened, they couldn't say. It all went so fast.",
        ),
    },
    "story": {
        "any": (
            "All right, a true one.",
            "Sit down, then. This happened.",
            "Here's one I don't tell everybody.",
        ),
    },
    "request": {
        "any": (
            "Ask me when I've had a sit-down, {name}.",
            "I'd rather not, but I like that you thought of me.",
            "Maybe, {name}. What's in it for me?",
            "I'll think about it. That was me thinking. No.",
        ),
        "hearty": (
            "Aw, do I gotta? I just got comfy!",
            "I'm on it! Tomorrow! Or the one after that!",
        ),
        "learned": (
            "I don't take requests, {name}; I take bows.",
            "One doesn't simply ask, {name}. One brings gifts.",
        ),
        "plain": ("When there's time, {name}. There's always something else first.",),
    },
    "emoji": {
        "any": (
            "I can't tell if that's good or bad, {name}.",
            "Use your words, {name}.",
            "That says it all, and I still don't know what.",
            "Is that a face? It looks like one of mine.",
        ),
        "hearty": ("Ha! Little pictures! I love it! What's it mean?",),
        "learned": ("Hieroglyphs, {name}? We're going backwards.",),
        "plain": ("My eyes aren't what they were, {name}. What is it?",),
    },
    "silence": {
        "any": (
            "You've gone quiet, {name}.",
            "Did you say something?",
            "I'm listening, if there's anything to hear.",
        ),
    },
    "foreign": {
        "any": (
            "I didn't catch a word of that, {name}, but it sounded lovely.",
            "You'll have to say that in English, {name}. It's the only one I have.",
            "I nodded, {name}, but I didn't understand any of it.",
        ),
        "hearty": ("Whoa, is that a spell? Say it in regular!",),
        "learned": ("My languages are rusty, {name}. In English, if you'd be so good.",),
        "plain": ("I only have the one language, {name}. Try me in English.",),
    },
    "echo": {
        "any": (
            "{echo}? Go on.",
            "{echo}? Since when?",
            "So {echo}. I had a feeling.",
            "{echo}, you say. Well, well.",
            "Let me get this straight. {echo}?",
            "{echo}? And you tell me just like that.",
        ),
        "hearty": (
            "{echo}? Get outta here!",
            "Wait, {echo}? And nobody told me?",
            "{echo}? No way! That's the best thing I heard since lunch!",
        ),
        "learned": (
            "{echo}? How very like you.",
            "{echo}, and yet the sky remains in place.",
            "So {echo}. I'd have announced it with more ceremony.",
            "{echo}? I'm trying to look surprised.",
        ),
        "plain": (
            "{echo}. I see.",
            "{echo}? That happens.",
            "{echo}, then. I wouldn't have guessed it.",
        ),
    },
    "topic": {
        "any": (
            "It always comes back to {topic}, doesn't it?",
            "Of all things, {topic}.",
            "I hadn't thought about {topic} in a while.",
            "You and {topic}, {name}. I should have known.",
        ),
        "hearty": (
            "Oh man, {topic}! I got a story about that, but I wasn't there for most of it.",
            "See, that's the thing about {topic}. You never know till you're stuck in it!",
        ),
        "learned": (
            "Ah yes, {topic}. One grows weary merely thinking of it.",
            "There's an essay to be written about {topic}, {name}. Not by you, but still.",
        ),
        "plain": (
            "There's more to {topic} than people think.",
            "I've heard people go on about {topic} for hours.",
        ),
    },
    "statement": {
        "any": (
            "Is that so, {name}?",
            "I'll have to think about that one.",
            "You don't hear that every day.",
            "Well, that's one way to look at it.",
            "Fair enough, {name}.",
            "I won't argue with that.",
        ),
        "hearty": (
            "Huh! I never thought of it like that. Or at all!",
            "That's what I always say, {name}! Or it's what I'm gonna say from now on!",
        ),
        "learned": (
            "How very revealing, {name}.",
            "I'd object, {name}, but you've said it so earnestly.",
        ),
        "plain": (
            "That's about the size of it, {name}.",
            "You may well be right, {name}.",
        ),
    },
    "ask_after_answer": {
        "any": (
            "Why do you ask?",
            "What makes you ask, {name}?",
            "What did you think I'd say?",
            "Who wants to know?",
        ),
    },
    "ask_how": {
        "any": (
            "And you, {name}?",
            "How about yourself?",
            "How are you keeping?",
            "And how's life treating you, {name}?",
        ),
    },
    "ask_about": {
        "any": (
            "What made you think of {topic}?",
            "What's the story with {topic}?",
        ),
    },
    "ask_after_statement": {
        "any": (
            "Are you sure, {name}?",
            "How so, {name}?",
            "Since when?",
            "Says who?",
            "What makes you say that, {name}?",
        ),
    },
    "ask_after_news": {
        "any": (
            "What happened?",
            "And how did that feel, {name}?",
            "Who else knows?",
            "How will you celebrate, {name}?",
        ),
    },
    "organic": {
        "any": (
            "It's quiet in here.",
            "Nobody's said anything for a while, so I will.",
            "I've been thinking.",
            "Is everybody asleep?",
        ),
        "hearty": (
            "Okay, I can't take it, it's too quiet!",
            "Hey! Who's up? I'm up!",
        ),
        "learned": (
            "The silence in here has become almost literary.",
            "Since nobody else will begin, I shall.",
        ),
        "plain": ("It's a still evening. You notice things.",),
    },
    "organic_ask": {
        "any": (
            "Does anybody here care about {topic}, or is it just me?",
            "Who wants to talk about {topic}?",
            "Somebody tell me something about {topic}.",
        ),
    },
    "tale": {
        "any": (
            "Nobody noticed at first, least of all {item}.",
            "For a long while nothing happened, and then everything did.",
            "It was {item} who heard the knock.",
            "On the third day a letter came, without a stamp and without a name.",
            "That night the wind turned, and with it the luck.",
            "{item} had seen stranger things, but never before breakfast.",
        ),
    },
    "tale_end": {
        "any": (
            "By morning everything had changed, and hardly anybody knew why.",
            "And {item} smiled, for the first time in a year.",
            "People still tell it differently, depending on who is buying.",
            "What {item} did next was talked about for years.",
            "The door was open, and the lamp was still warm.",
        ),
    },
    "asked_again": {
        "any": (
            "You asked me that already, {name}.",
            "That's {item} now, {name}.",
            "Again? I haven't changed my mind since.",
            "We've been here before, you and I.",
            "Is there an echo in here?",
            "You've asked me that {item}. I'm starting to think it's a test.",
        ),
        "hearty": (
            "Didn't you just ask me that? Or am I havin' one of those deja things?",
            "Whoa, rerun! I love reruns!",
            "You said that before, {name}! I remember, and I don't remember nothin'!",
        ),
        "learned": (
            "You've asked me that {item}, {name}. I'm flattered, and a little concerned.",
            "A question repeated is not a question improved.",
            "I have answered that. It was rather good, too.",
        ),
        "plain": (
            "You asked that before, {name}. I don't mind.",
            "Same question, is it? Well, I've the time.",
        ),
    },
    "dodge": {
        "any": (
            "I've said all I know about that, and some of what I don't.",
            "Ask me something easier, {name}, or something ruder.",
            "Let's leave that one where it is.",
            "I'd only be making it up from here on.",
            "Try me on another subject, {name}.",
            "My well's run dry on that one.",
            "That question and I have parted ways.",
        ),
        "hearty": (
            "I got nothin' left on that! You want a peanut?",
            "Okay, new topic! Anything! Shoes!",
            "My brain's full on that one, {name}. It went straight to my knees.",
        ),
        "learned": (
            "I've exhausted the subject, {name}, and it has exhausted me.",
            "I refer you to my earlier remarks, which were dazzling.",
            "Let us speak of something else before one of us ages.",
        ),
        "plain": (
            "I've no more to say to that, {name}.",
            "There's other things to talk of.",
            "That's as far as that road goes with me.",
        ),
    },
    "shrug": {
        "any": (
            "That's the spirit, {name}. Some of it.",
            "You sound about as sure as I am.",
            "I can work with that.",
            "Take your time, {name}. I've nowhere better to be.",
            "Don't overwhelm me with details.",
        ),
        "hearty": (
            "Yeah, I feel that way all the time!",
            "Okay! Good talk!",
        ),
        "learned": (
            "Such conviction, {name}.",
            "I'm moved by your passion.",
        ),
        "plain": (
            "Fair enough. Not everything needs an answer.",
            "Well, no harm in not knowing.",
        ),
    },
    "cool": {
        "any": (
            "I thought so too, {name}.",
            "I do try.",
            "Finally, somebody notices.",
            "Don't sound so surprised.",
            "And that was me not even trying.",
        ),
        "hearty": (
            "I know, right?",
            "Yeah it is! High five! No, the other hand, this one's got dip on it.",
        ),
        "learned": (
            "One does one's best, {name}, and then accepts the applause.",
            "High praise, in so few letters.",
        ),
        "plain": (
            "It'll do, won't it?",
            "Glad you think so, {name}.",
        ),
    },
    "go_on": {
        "any": (
            "And then nothing, {name}. That was the good part.",
            "And then everybody went home, except one.",
            "The rest I only tell for money.",
            "Then somebody asked what happened next, and here we are.",
        ),
        "hearty": (
            "And then I fell asleep, so you gotta make up the rest.",
            "Then stuff blew up! Probably! It usually does!",
        ),
        "learned": (
            "And then, {name}, I had the good taste to stop.",
            "The sequel is in preparation. The reviews are mixed already.",
        ),
        "plain": (
            "And then it got dark, and I went home.",
            "That's all there was to it, {name}.",
        ),
    },
    "really": {
        "any": (
            "Really, {name}. I'd swear to it, if anybody asked me to.",
            "Every word. Well, every other word.",
            "Would I lie to you? Don't answer that.",
            "As true as I'm sitting here.",
        ),
        "hearty": (
            "Yep! Or may I get hit by a slow-movin' car!",
            "Totally! I'd swear on somebody else's life!",
        ),
        "learned": (
            "I never joke about facts, {name}. I merely arrange them.",
            "Do I look like somebody who improvises?",
        ),
        "plain": (
            "It's so, {name}. I've no reason to dress it up.",
            "I was there. It was just like that.",
        ),
    },
    "why_so": {
        "any": (
            "Because the other way was worse, {name}.",
            "If I had to give a reason, I'd have given it.",
            "Why not, {name}? That's my whole philosophy.",
            "Because nobody stopped me.",
        ),
        "hearty": (
            "'Cause it felt right, {name}! That and the dare!",
            "I got a reason, it's just in my other pants.",
        ),
        "learned": (
            "Must there be a reason, {name}? One ruins so much by explaining.",
            "Temperament, {name}. Mine is large.",
        ),
        "plain": (
            "It's how I was brought up, I suppose.",
            "It seemed right then, and it still does.",
        ),
    },
    "mean": {
        "any": (
            "It made more sense before I said it, {name}.",
            "I meant what I said. I just didn't say all of it.",
            "Don't worry, {name}. I lost the thread as well.",
        ),
        "hearty": ("I dunno! I just say 'em, I don't check 'em!",),
        "learned": (
            "It was subtle, {name}. I'll use smaller brushes.",
            "I could explain it, but then I'd have to hear it again.",
        ),
        "plain": ("I put it badly, {name}. It happens.",),
    },
    "sing": {
        "any": (
            "La, la. That's the long version.",
            "I only know the second verse, {name}, and it's mostly about the first.",
            "Be careful what you ask for, {name}. I know all the words to nothing.",
        ),
        "hearty": (
            "Oh, I went to the fridge, and the fridge was bare, so I ate the magnet, I didn't care! Good night!",
            "Do re mi fa so hungry! That's my hit!",
        ),
        "learned": (
            "Very well. A single note, held with feeling. There. You'll have to imagine the strings.",
            "I don't sing for free, {name}; I'd be mobbed.",
        ),
        "plain": ("I hum when I work, {name}. Nobody's ever asked for more.",),
    },
    "dance": {
        "any": (
            "I did, just now. You blinked.",
            "I'm dancing on the inside, {name}. It's safer for the lamps.",
        ),
        "hearty": ("Check it out! That one's called the Slippery Driveway!",),
        "learned": ("I gave my farewell performance years ago. People still lower their voices about it.",),
        "plain": ("My knees would have something to say about it.",),
    },
    "poem": {
        "any": (
            "Roses are red, the evening is long. I had a last line, but it came out wrong.",
            "There once was a guest with a plea, who wanted a poem for free. I gave them this line.",
        ),
        "hearty": (
            "Roses are red, and bacon is too. I ate all the bacon. There's none left for you. Hehe, I'm a poet!",
        ),
        "learned": (
            "O night! O stars! O whatever rhymes with stars. That's the draft. The final will be longer and sadder.",
        ),
        "plain": ("The wind went out, the tide came in, and I have mended my sleeve with a pin.",),
    },
    "secret": {
        "any": (
            "I've never once read the instructions for anything.",
            "I wave back at people who weren't waving at me, {name}. And then I keep going.",
            "I laugh at jokes a day late, {name}, in private.",
        ),
        "hearty": ("Okay, don't tell nobody: the dent in the car? It was me. All of 'em were me.",),
        "learned": ("I rehearse my spontaneous remarks, {name}. That one took a week.",),
        "plain": ("I talk to the stove, {name}. It doesn't answer, and that's why I like it.",),
    },
    "help": {
        "any": (
            "I can hold things, {name}, and nod. What is it?",
            "Tell me what it is, and I'll tell you who I'd ask.",
            "I'm better at moral support, but go on.",
        ),
        "hearty": ("You bet! I'm great at startin' stuff!",),
        "learned": ("I can supervise, {name}. It's what I do best.",),
        "plain": ("If I can, {name}. Show me.",),
    },
    "translate": {
        "any": (
            "I only speak this one, {name}, and not always well.",
            "Say it slower and louder. That's how most people translate.",
        ),
        "hearty": ("Sure! You just put an O on the end of everything! Easy-o!",),
        "learned": ("I could, {name}, but it would sound so much better that you'd never go back.",),
        "plain": ("I've but the one language, {name}, and it's enough for here.",),
    },
    "ask_back": {
        "any": (
            "What about you, {name}?",
            "And you?",
            "How about yourself?",
            "And what would you say, {name}?",
        ),
    },
}
