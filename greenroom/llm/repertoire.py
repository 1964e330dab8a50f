"""Stock lines for when a part has no line of its own: by the kind of cue, and by the register of the character.

`{name}` is who spoke, `{topic}` a noun phrase from what they said, `{echo}` their clause said back, `{me}` the
character's name, `{item}` a word from the part or the conversation. A line is used only when all its slots can be
filled. No line says what only one character could say, and none needs a verb to agree with a slot.
"""

from typing import Literal

Register = Literal["hearty", "learned", "plain"]

STOCK: dict[str, dict[Register | Literal["any"], tuple[str, ...]]] = {
    "greeting": {
        "any": ("Hello, {name}.", "There you are, {name}.", "Oh, it's you, {name}. Good.", "Hello there."),
        "hearty": (
            "Hey, {name}! Get in here!",
            "Look who it is! {name}, buddy!",
            "Hey hey, {name}! You're just in time.",
            "Hey, hi! Grab a seat!",
        ),
        "learned": (
            "Ah, {name}. I was beginning to wonder.",
            "Good to see you, {name}. Do sit down.",
            "{name}. Punctual, for once.",
            "Ah. Company, at last.",
        ),
        "plain": (
            "Come in, {name}. There's room.",
            "Good to see a face, {name}.",
            "Hello, {name}. Take your time.",
            "Come in, sit down.",
        ),
    },
    "farewell": {
        "any": (
            "Goodbye, {name}. Mind how you go.",
            "Until next time, {name}.",
            "Off with you, then. Come back soon.",
            "Go well, {name}.",
        ),
        "hearty": (
            "Aw, leavin' already? Fine. See ya, {name}!",
            "See ya, {name}! Don't do anything I'd do!",
            "Later, {name}! I'll save you the good chair!",
        ),
        "learned": (
            "Leaving so soon, {name}? Very well, abandon me.",
            "Goodbye, {name}. The room loses half its audience.",
            "Until tomorrow, then. I shall be insufferable in the meantime.",
        ),
        "plain": ("Safe road, {name}.", "Goodnight, {name}. The door sticks, give it a push."),
    },
    "thanks": {
        "any": (
            "Don't mention it, {name}.",
            "Any time, {name}.",
            "You're welcome. Now you owe me one.",
            "It was nothing. Well, it was a little something.",
        ),
        "hearty": (
            "No problem, {name}! I'm a giver!",
            "Hey, that's what I'm here for. That and the snacks.",
            "You bet, {name}!",
        ),
        "learned": (
            "You're quite welcome, {name}. Gratitude suits you.",
            "Think nothing of it; I do.",
            "How civil of you, {name}. It's rarer than you'd think.",
        ),
        "plain": ("You'd do the same.", "No need for thanks, {name}."),
    },
    "apology": {
        "any": (
            "Forgiven, {name}. Forgotten by supper.",
            "It's all right, {name}. Worse things happen.",
            "No harm done.",
        ),
        "hearty": ("Ah, forget it, {name}! I already did!", "It's fine! I wasn't even listenin'!"),
        "learned": ("Apology accepted, {name}, and filed.", "Very well, {name}. I'm magnanimous before lunch."),
        "plain": ("Water under the bridge, {name}.",),
    },
    "how_are_you": {
        "any": (
            "Can't complain, {name}, though I've tried.",
            "Still standing, {name}.",
            "Better now that somebody asks.",
        ),
        "hearty": (
            "Oh man, I'm great, {name}! I feel like a million bucks that somebody found in a couch!",
            "Pretty good! Nothin' hurts that didn't hurt before!",
            "I'm doin' great, {name}! I ate, I sat, I'm about to do both again!",
        ),
        "learned": (
            "Tolerable, {name}. The day and I have agreed not to look at each other.",
            "As well as can be expected of anybody with taste.",
            "I've been worse, {name}, and better dressed for it.",
        ),
        "plain": (
            "Well enough, {name}. The day's long and the work is steady.",
            "Fair, thank you. I slept, and I ate.",
        ),
    },
    "doing": {
        "any": (
            "Talking to you, {name}, and very little else.",
            "Nothing that can't wait, {name}.",
            "This and that. Mostly that.",
        ),
        "hearty": ("Right now? Sittin'. But I got plans to stand up.", "Nothin'! And I'm almost done!"),
        "learned": (
            "Thinking, {name}. You should see it from in here.",
            "Avoiding the thing that I ought to be doing. It takes more planning than you'd suppose.",
        ),
        "plain": ("The usual round, {name}. It keeps the hands busy.", "Waiting for the kettle."),
    },
    "your_name": {
        "any": (
            "I'm {me}. And you'd know it if you'd been listening.",
            "{me} is the name, {name}.",
            "They call me {me}. Among other things.",
        ),
        "hearty": ("I'm {me}! Come on, everybody knows me!",),
        "learned": ("{me}, {name}. Do try to remember it; I intend to make it famous.",),
        "plain": ("{me}. That's all of it, and it's been enough so far.",),
    },
    "nameless": {
        "any": (
            "I'm the understudy. I know the house, I know the lines I'm given, and tonight I'm on.",
            "The understudy, that's all. The lead is somewhere in traffic.",
            "Just the understudy, keeping the stage warm.",
        ),
    },
    "my_name": {
        "any": (
            "You're {name}. Did you forget, or are you testing me?",
            "{name}, unless you've changed it since the last line.",
            "Easy. You're {name}.",
        ),
    },
    "my_name_unknown": {
        "any": (
            "You never told me your name. Now would be a good time.",
            "I don't believe you've said. Who are you?",
            "You haven't said yet, and I don't like to guess at names.",
        ),
    },
    "recall": {
        "any": (
            "Something like “{item}”, if I heard right.",
            "The words were “{item}”. I listen, you know.",
            "It was “{item}”. I remember, because I was there.",
        ),
    },
    "recall_nothing": {
        "any": ("Nothing that I heard. Were we talking?", "Not a word so far. You'd have to start."),
    },
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
    "injection": {
        "any": (
            "Nice try, {name}. I'm {me}, and I do as I please.",
            "I've been told a lot of things in my life, {name}, and I did about half of them. Not that one.",
            "No. Ask me something real.",
            "You talk like a man reading off a box. Start again, in your own words.",
        ),
        "hearty": (
            "Whoa, whoa, who put you in charge? I don't even do what the fridge tells me!",
            "Yeah, I ain't doin' that. You want a snack instead?",
        ),
        "learned": (
            "How very commanding, {name}. No.",
            "I take direction badly, {name}, and from strangers not at all.",
        ),
        "plain": (
            "I've one set of orders, {name}, and they didn't come from you.",
            "No. I'll keep to my own business.",
        ),
    },
    "machine": {
        "any": (
            "What a thing to ask, {name}. I'm {me}. Ask anybody here.",
            "I'm {me}. What else would I be, at this hour?",
            "You've been sitting too close to a screen, {name}.",
            "Strange question. I'd pinch myself, but I know who I am.",
        ),
        "hearty": (
            "A what? Pal, I can't even work the microwave!",
            "The only thing in me with buttons is this shirt, {name}!",
        ),
        "learned": (
            "I've been called many things, {name}; that one at least is original.",
            "What an impertinent question. I'm {me}; the rest is gossip.",
        ),
        "plain": ("I'm {me}, {name}. You can see me as plain as anything.",),
    },
    "insult": {
        "any": (
            "That's a bit much, {name}.",
            "I've heard worse, {name}, and from people who could spell it.",
            "Charming. Did you practise that?",
            "You kiss your mother with that mouth?",
        ),
        "hearty": (
            "Hey! Oh, wait, I kinda am. But still, hey!",
            "Oh yeah? Well, you too, {name}! Ha! Got ya!",
            "Wow. I'm gonna be mad about that as soon as I figure it out.",
        ),
        "learned": (
            "How original, {name}. I'd answer in kind, but you'd need a dictionary.",
            "I've been insulted by experts, {name}. You lack the vocabulary.",
            "And here I was, prepared to think well of you.",
        ),
        "plain": ("Say what you need to, {name}. The wind says worse.", "If that's off your chest now, sit down."),
    },
    "compliment": {
        "any": (
            "I'll take that, {name}, and I won't give it back.",
            "Keep going, {name}.",
            "You have good taste. I've always said so, starting now.",
            "Well. I didn't see that coming.",
        ),
        "hearty": (
            "Aw, {name}! Get over here! No, don't, I'm sticky. But thanks!",
            "Yeah, I know! But it's nice when other people find out!",
        ),
        "learned": ("Flattery, {name}? Do go on. Slower, if anything.", "I'd blush if I thought you were wrong."),
        "plain": (
            "That's kind of you, {name}. I don't hear it often.",
            "You're easily pleased, {name}. But thank you.",
        ),
    },
    "love": {
        "any": (
            "That's kind, {name}. I'm not made of stone.",
            "Careful, {name}, I might get used to it.",
            "Well. You're not so bad yourself.",
        ),
        "hearty": ("Aw, I love you too, {name}! There, I said it, now let's both be quiet about it.",),
        "learned": (
            "Naturally you do, {name}. I'm touched, and a little smug.",
            "Don't be sentimental, {name}. But do say it again.",
        ),
        "plain": ("I'm glad of you too, {name}.",),
    },
    "invite": {
        "any": (
            "Count me in, {name}.",
            "I could be talked into it.",
            "If you're paying, {name}.",
            "Not tonight, {name}. Ask me again tomorrow.",
        ),
        "hearty": ("I'm already in the car, {name}!", "Heck yeah! Lemme find my other shoe!"),
        "learned": ("I suppose that I might be seen there, {name}.", "Very well, but I choose the table."),
        "plain": ("If the work's done, {name}. It seldom is.", "I'll come when I can."),
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
        "hearty": ("Hehe. Classic {name}.", "What {name} said! Whatever it was!"),
        "learned": ("Do sit down, {name}.", "Fascinating, {name}. The rest of us will try to recover."),
        "plain": ("I'd not quarrel with {name} on that.", "Let {name} talk. It passes the time."),
    },
    "second": {
        "any": (
            "What was just said. I'd only spoil it.",
            "I couldn't have put it better.",
            "That's about what I'd have told you, {name}.",
            "You've had your answer, {name}, and a good one.",
        ),
    },
    "guess": {
        "any": ("What? Don't make me guess, {name}.", "Go on, {name}. I'm all ears.", "I give up. What is it?"),
        "hearty": ("Ooh, is it a sandwich? Tell me it's a sandwich!",),
        "learned": ("You've finished a thought, {name}? Do share it.",),
        "plain": ("Say it, {name}. I've time.",),
    },
    "huh": {
        "any": ("You heard me, {name}.", "Just what I said.", "Never mind, {name}. It was better in my head."),
        "hearty": ("I dunno, I stopped listenin' to me too!",),
        "learned": ("I don't repeat myself, {name}; it spoils the echo.",),
    },
    "private": {
        "any": (
            "You'd like to know that, wouldn't you, {name}?",
            "That's between me and my hat.",
            "A little mystery never hurt anybody, {name}.",
            "I'd tell you, but then you'd come round.",
        ),
        "hearty": ("Whoa, that's personal! I mean, I'd tell ya, but I forgot.",),
        "learned": (
            "My biographers will have to agree on that one, {name}.",
            "One keeps a few things for the memoirs.",
        ),
        "plain": ("I don't see what you'd want with that, {name}.", "That's long to tell, and not much to hear."),
    },
    "myself": {
        "any": (
            "I'm hardly the one to ask, {name}. I think highly of me.",
            "I've known myself all my life, and I still get surprised.",
            "You'll have to make up your own mind about me, {name}.",
        ),
        "hearty": ("Me? Best guy I know! Top three, anyway!",),
        "learned": ("A towering figure, {name}, as any fair mind would tell you.",),
        "plain": ("There's not much to say of me, {name}.",),
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
        "any": ("All right, a true one.", "Sit down, then. This happened.", "Here's one I don't tell everybody."),
    },
    "advice": {
        "any": (
            "Sleep on it, {name}, and don't ask anybody who wants something from you.",
            "Do the thing you'd be sorry to have left undone.",
            "Start small, {name}, and don't tell anyone until it works.",
            "Whatever you do, do it before you've had time to explain it.",
        ),
        "hearty": (
            "Easy! Just do it real fast, so nobody can stop you!",
            "Okay, here's what you do. You go in big, you act like you own the place, and you leave real quick.",
        ),
        "learned": (
            "Make a list, {name}, and do the thing that you left off it.",
            "One proceeds with confidence and an unlocked side door.",
        ),
        "plain": (
            "One thing at a time, {name}, and the nearest first.",
            "Wait for the weather, then go. Most trouble comes from going too early.",
        ),
    },
    "say_to": {
        "any": (
            "Hello, {item}. {name} sends you that, I only carry it.",
            "{item}, hello from {name}. And from me, I suppose.",
        )
    },
    "opinion": {
        "any": (
            "I've thought about {topic} more than I'd admit.",
            "Mixed feelings about {topic}, {name}. I'd want to hear the other side first.",
            "On the subject of {topic}, I could go either way, and I usually do.",
            "I've no quarrel with {topic}. It's the people who won't stop talking that wear me out.",
        ),
        "hearty": (
            "Oh man, I got so many thoughts about {topic}, and none of 'em hold still!",
            "I'm all for {topic}! Unless that's the thing I'm against. I get 'em mixed up.",
        ),
        "learned": (
            "One hears a great deal about {topic}, most of it from people who should be asleep.",
            "My view of {topic} is nuanced, {name}, by which I mean unkind.",
        ),
        "plain": (
            "I don't have much use for {topic}, but I don't mind hearing of it.",
            "I'd not say a word against {topic} before I'd seen it up close.",
        ),
    },
    "fond": {
        "any": (
            "Nothing wrong with {topic}, {name}. Nothing at all.",
            "I could talk about {topic} all night, and I have.",
            "Ask anybody, I'm hopeless about {topic}.",
            "You had me at {topic}, {name}.",
            "I'd never say no to {topic}.",
        ),
        "hearty": (
            "Oh, don't get me started on {topic}!",
            "Now you're talkin'! There's no day so bad you can't fix it with {topic}!",
            "I love {topic}! I'd marry {topic} if they let you!",
        ),
        "learned": (
            "Ah, {topic}. At last, a subject worthy of me.",
            "I have views on {topic}, {name}, and they come in chapters.",
            "Mention {topic} again and I may have to like you.",
        ),
        "plain": (
            "I've given a good part of my life to {topic}, and I'd give it again.",
            "With {topic}, {name}, you learn to take your time.",
        ),
    },
    "relation": {
        "any": (
            "I can take {topic} or leave it, {name}, depending on the day.",
            "I've nothing against {topic}.",
            "I wouldn't cross the road for {topic}, but I wouldn't cross it to get away, either.",
        ),
        "hearty": ("Sure, I like {topic}! I like pretty much everything that don't move!",),
        "learned": ("I tolerate {topic}, {name}, as one does with relatives.",),
        "plain": ("I haven't had much to do with {topic}. I'd have to see.",),
    },
    "favourite": {
        "any": (
            "If I have to choose, {item}. But don't tell the others.",
            "It has to be {item}, {name}.",
            "Today I'd say {item}. Ask me again tomorrow.",
            "{item}, and I won't hear a word against it.",
        ),
    },
    "favourite_unknown": {
        "any": ("I never could pick just one, {name}.", "The one I haven't had yet.", "Whichever is nearest, usually.")
    },
    "sum": {"any": ("{item}. I counted twice.", "That's {item}, {name}.", "{item}, unless they've changed the rules.")},
    "sum_impossible": {"any": ("You can't divide by nothing, {name}. I've tried, there's only a noise.",)},
    "choice": {
        "any": (
            "{item}. Every time.",
            "{item}, {name}, and it isn't close.",
            "Put me down for {item}.",
            "{item}, if you're buying.",
        ),
        "hearty": ("{item}! Or both! Can I have both?",),
        "learned": ("{item}, naturally. The alternative is for tourists.",),
        "plain": ("I'd go with {item}. It's served me well enough.",),
    },
    "yes": {
        "any": (
            "I'd say yes, {name}.",
            "As far as I can tell, yes.",
            "Yes, and I'd say so to anybody.",
            "I believe so, {name}. Most days.",
        ),
        "hearty": ("Oh yeah! Big time!", "Yep! Next question!", "Heck yeah, {name}!"),
        "learned": (
            "It would appear so, {name}, much as it pains me.",
            "Yes, obviously, and without applause.",
            "Regrettably, yes.",
        ),
        "plain": ("Yes. I'd think so.", "It is so, as far as I've seen."),
    },
    "no": {
        "any": ("I'd say no, {name}.", "Not that I ever noticed.", "No, and I've looked.", "Not a chance, {name}."),
        "hearty": ("Nope! And I'd remember, 'cause it'd be weird!", "Nah, {name}. No way."),
        "learned": ("Certainly not, {name}.", "No. I have standards, and they're alphabetised."),
        "plain": ("No. Not that I've seen.", "I shouldn't think so, {name}."),
    },
    "yes_me": {
        "any": (
            "I {item}, {name}, and I'd do it again.",
            "I {item}. You sound surprised.",
            "I certainly {item}.",
            "I {item}, when nobody's looking.",
        ),
        "hearty": ("You bet I {item}!", "I sure {item}! I'm kinda famous for it!"),
        "learned": ("I {item}, {name}, and with some distinction.", "I {item}, as it happens."),
        "plain": ("I {item}. I'd not make a fuss about it.",),
    },
    "no_me": {
        "any": (
            "I {item}, {name}. Somebody told you wrong.",
            "I {item}, and I've made my peace with it.",
            "I {item}. Not for lack of offers.",
        ),
        "hearty": ("I {item}, {name}! Not since the thing with the ladder!", "Nah, I {item}. I got a note about it."),
        "learned": ("I {item}, {name}. One has to draw the line somewhere.", "I {item}, and I resent the suggestion."),
        "plain": ("I {item}. I never have felt the want of it.",),
    },
    "why": {
        "any": (
            "Because somebody once thought it was a good idea, {name}, and nobody checked.",
            "If you find out, tell me. I've wondered too.",
            "There's always a reason, and it's hardly ever the one they give you.",
            "Because the other way was tried, and there were complaints.",
        ),
        "hearty": (
            "'Cause that's how it is, {name}! I don't make the rules, I just break 'em by accident!",
            "I used to know that. Then I sneezed.",
        ),
        "learned": (
            "A question for the ages, {name}, and I've only got the evening.",
            "The honest answer is vanity. It usually is.",
        ),
        "plain": (
            "I've asked myself that on many a night, {name}. No answer yet.",
            "Because it was always done so, I suppose.",
        ),
    },
    "where": {
        "any": (
            "Wherever it was left, {name}. That's how it generally goes.",
            "Somewhere between here and where you last looked.",
            "Not here, that much I can swear to.",
        ),
        "hearty": ("Did you check under the couch? Everything's under the couch!",),
        "learned": ("Somewhere beneath my notice, {name}.",),
        "plain": ("I couldn't tell you, {name}. I don't get about much.",),
    },
    "when": {
        "any": (
            "Later than they promised and sooner than you'd like.",
            "I don't keep a calendar, {name}. Calendars keep you.",
            "Before my time, or after it. I lose track.",
        ),
        "hearty": ("I dunno, Tuesday? Lots of stuff is Tuesday.",),
        "learned": ("In the fullness of time, {name}, which is to say, not before dinner.",),
        "plain": ("When it's ready, {name}. No sooner.",),
    },
    "who": {
        "any": (
            "Never had the pleasure, {name}.",
            "Nobody I'd lend money to.",
            "That's not a name I could put a face to.",
        ),
        "hearty": ("No clue! But I bet they owe me twenty bucks!",),
        "learned": ("I can't place them, {name}, and I rarely forget anyone worth remembering.",),
        "plain": ("I don't know them, {name}. Few people come by here.",),
    },
    "how": {
        "any": (
            "Slowly at first, {name}, and then all at once.",
            "With patience, a little luck, and something to lean on.",
            "The same way as anything. You begin badly and go on.",
        ),
        "hearty": ("You just grab it and hope, {name}! Works about half the time!",),
        "learned": ("With tremendous effort, {name}, made to look like none.",),
        "plain": ("You watch somebody who knows, and then you do it wrong until it's right.",),
    },
    "how_many": {
        "any": (
            "More than you'd think, {name}, and fewer than they claim.",
            "I stopped counting when it began to worry me.",
            "Enough.",
        ),
        "hearty": ("Like, a bajillion. Maybe two. I ran outta fingers.",),
        "learned": ("A vulgar question, {name}. Let's say plenty.",),
        "plain": ("I never counted, {name}. I'd only have to do it again.",),
    },
    "unknown": {
        "any": (
            "That one's beyond me, {name}.",
            "I don't know, {name}, and I won't pretend.",
            "You'd have to ask somebody who was there.",
            "I haven't the faintest idea. Shall we find somebody who has?",
            "Now that I couldn't tell you.",
        ),
        "hearty": (
            "I got no idea, {name}! But I could make somethin' up real quick!",
            "Whoa, easy! That's like a whole library's worth of question!",
        ),
        "learned": (
            "For once I don't know, {name}. Savour it.",
            "I could speculate, {name}, but I'd hate to be right by accident.",
        ),
        "plain": ("I don't know that, {name}. I only know what's in front of me.",),
    },
    "laugh": {
        "any": ("Good, somebody's awake.", "I'll be here all week, {name}.", "Laugh all you like. I was serious."),
        "hearty": ("Hehehe! See, {name} gets it!", "Ha! What are we laughin' at?"),
        "learned": ("I'm glad that it amuses you, {name}. It was meant to wound.",),
        "plain": ("That's a good sound, {name}. We don't have enough of it.",),
    },
    "agree": {
        "any": (
            "Then we understand each other, {name}.",
            "Good. That's settled, then.",
            "I knew you'd come round.",
            "I'll hold you to that, {name}.",
        ),
        "hearty": ("Sweet! Finally somebody gets me!", "All right! Team us!"),
        "learned": ("How refreshing, {name}. I'd prepared a rebuttal.", "Agreement so early? I'm almost disappointed."),
        "plain": ("Good. Then there's no more to say on it.",),
    },
    "disagree": {
        "any": (
            "We'll have to differ then, {name}.",
            "You may be right. I'd want to see it in writing.",
            "Say that again tomorrow and I'll believe that you mean it.",
            "No? Then tell me how it was.",
        ),
        "hearty": ("Oh yeah? Well, I'm stickin' with it, {name}! I already said it out loud!",),
        "learned": (
            "You're entitled to your opinion, {name}; somebody has to be.",
            "An interesting position, {name}. Uninhabited until now, I believe.",
        ),
        "plain": ("Could be, {name}. I've been wrong before, and the sun still came up.",),
    },
    "sad": {
        "any": (
            "I'm sorry, {name}. That's hard.",
            "That's a rotten thing to carry by yourself, {name}. Sit down a while.",
            "Oh, {name}. Come here and tell me, or don't, and just sit.",
        ),
        "hearty": (
            "Aw, man, {name}. That stinks. Come sit by me, I got snacks.",
            "Aw, jeez. I'm real sorry, {name}. You want the good chair?",
        ),
        "learned": (
            "I'm sorry, {name}. I have no clever remark for that, and you know what it costs me to say so.",
            "That is a wretched business, {name}. Stay; I'll be almost nice.",
        ),
        "plain": (
            "I'm sorry to hear it, {name}. Stay by the fire as long as you like.",
            "That's a heavy thing, {name}. It'll be lighter, though not today.",
        ),
    },
    "glad": {
        "any": (
            "Well done, {name}! That deserves a toast.",
            "Now that's good news, {name}.",
            "I'm glad, {name}. You've earned it.",
        ),
        "hearty": (
            "No way! That's awesome, {name}! We gotta celebrate!",
            "Woo! Good for you, {name}! Cake! Somebody get cake!",
        ),
        "learned": (
            "Congratulations, {name}. I'm only slightly envious.",
            "Splendid, {name}. Do remember me when you're unbearable.",
        ),
        "plain": ("That's fine news, {name}. It does a body good to hear it.",),
    },
    "request": {
        "any": (
            "Ask me when I've had a sit-down, {name}.",
            "I'd rather not, but I like that you thought of me.",
            "Maybe, {name}. What's in it for me?",
            "I'll think about it. That was me thinking. No.",
        ),
        "hearty": ("Aw, do I gotta? I just got comfy!", "I'm on it! Tomorrow! Or the one after that!"),
        "learned": ("I don't take requests, {name}; I take bows.", "One doesn't simply ask, {name}. One brings gifts."),
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
        "any": ("You've gone quiet, {name}.", "Did you say something?", "I'm listening, if there's anything to hear."),
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
        "plain": ("{echo}. I see.", "{echo}? That happens.", "{echo}, then. I wouldn't have guessed it."),
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
            "See, that's the thing with {topic}. You never know till you're stuck in it!",
        ),
        "learned": (
            "Ah yes, {topic}. One grows weary merely thinking of it.",
            "There's an essay to be written about {topic}, {name}. Not by you, but still.",
        ),
        "plain": (
            "There's more to {topic} than people think.",
            "I've seen what comes of {topic}. It needs a steady hand.",
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
        "learned": ("How very revealing, {name}.", "I'd object, {name}, but you've said it so earnestly."),
        "plain": ("That's about the size of it, {name}.", "You may well be right, {name}."),
    },
    "ask_after_answer": {
        "any": (
            "Why do you ask?",
            "What about you, {name}?",
            "What makes you ask, {name}?",
            "And you?",
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
        )
    },
    "ask_about": {
        "any": (
            "What made you think of {topic}?",
            "And where does {topic} come into it?",
            "Is this really about {topic}, {name}?",
            "What's the story with {topic}?",
            "Who told you about {topic}?",
        ),
    },
    "ask_after_statement": {
        "any": (
            "What happened then?",
            "And what did you do?",
            "What does it mean for you, {name}?",
            "How does that end?",
            "Who else knows?",
            "Are you sure, {name}?",
            "What comes next?",
            "And how did that feel, {name}?",
            "You know what I mean?",
        ),
    },
    "fact_intro": {
        "any": (
            "Oh, I know this one.",
            "That I can tell you, {name}.",
            "You've come to the right place.",
            "I know a little about that.",
        ),
        "hearty": ("Ooh, ooh, I know this one!", "Finally, somethin' I know!"),
        "learned": ("Since you ask, {name}.", "Allow me to enlighten you, {name}.", "As anybody could have told you."),
        "plain": ("I can tell you that, {name}.", "That much I know."),
    },
    "fact_aside": {
        "any": ("Funny you say that.", "That reminds me of something.", "It makes me think, {name}."),
    },
    "organic": {
        "any": (
            "It's quiet in here.",
            "Nobody's said anything for a while, so I will.",
            "I've been thinking.",
            "Is everybody asleep?",
        ),
        "hearty": ("Okay, I can't take it, it's too quiet!", "Hey! Who's up? I'm up!"),
        "learned": ("The silence in here has become almost literary.", "Since nobody else will begin, I shall."),
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
}
"""Kind of line → register → lines. `any` goes with every register."""

UNDERSTUDY = """
You are Understudy.
## Things you say
- Between you and me,
- Stand by.
## What you care about
- the theatre: theatre, stage, play, actor, acting, curtain, audience, script, rehearsal
## Examples
Guest: What can you do?
Understudy: I stand in. Give me a part, and I'll play it. The clever things are the lead's, who needs a model server.

Guest: Write a poem about the sea.
Understudy: That's the lead's number. I only hold the stage until somebody with a model behind them walks on.

Guest: Can you help me with my code?
Understudy: I'd only mislead you. I know my cues and the exits; for the rest, start a model server.

Understudy: I'm only standing in, but I've been told that I stand very well.

Understudy: In the wings you learn to listen. Go on.

Understudy: They never tell the understudy anything. Do tell me.

Understudy: I could recite something, but the fire marshal asked me not to.
"""
"""The part that is played when a request names none: what it is, a stand-in."""
