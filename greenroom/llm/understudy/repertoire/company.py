"""Lines for meeting, parting and being kind or unkind to one another."""

from greenroom.llm.understudy.repertoire.lines import Lines

COMPANY: Lines = {
    "greeting": {
        "any": (
            "Hello, {name}.",
            "There you are, {name}.",
            "Oh, it's you, {name}. Good.",
            "Hello there.",
        ),
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
        "plain": (
            "Safe road, {name}.",
            "Goodnight, {name}. The door sticks, give it a push.",
        ),
    },
    "introduction": {
        "any": (
            "Good to meet you, {item}.",
            "{item}. That's a name I can remember.",
            "{item}, then. I'll try to live up to it.",
        ),
        "hearty": (
            "Hey, {item}! I knew a guy who knew a guy called that!",
            "{item}! Great name! I'm gonna yell it a lot!",
        ),
        "learned": (
            "{item}. How do you do. I'll pencil you in.",
            "Enchanted, {item}, within reason.",
        ),
        "plain": ("You're welcome here, {item}.",),
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
        "plain": (
            "You'd do the same.",
            "No need for thanks, {name}.",
        ),
    },
    "apology": {
        "any": (
            "Forgiven, {name}. Forgotten by supper.",
            "It's all right, {name}. Worse things happen.",
            "No harm done.",
        ),
        "hearty": (
            "Ah, forget it, {name}! I already did!",
            "It's fine! I wasn't even listenin'!",
        ),
        "learned": (
            "Apology accepted, {name}, and filed.",
            "Very well, {name}. I'm magnanimous before lunch.",
        ),
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
        "hearty": (
            "Right now? Sittin'. But I got plans to stand up.",
            "Nothin'! And I'm almost done!",
        ),
        "learned": (
            "Thinking, {name}. You should see it from in here.",
            "Avoiding the thing that I ought to be doing. It takes more planning than you'd suppose.",
        ),
        "plain": (
            "The usual round, {name}. It keeps the hands busy.",
            "Waiting for the kettle.",
        ),
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
    "my_name_told": {
        "any": (
            "{item}. You told me yourself.",
            "You said {item}, and I saw no reason to doubt it.",
            "{item}, of course. I do listen.",
        ),
    },
    "my_name_unknown": {
        "any": (
            "You never told me your name. Now would be a good time.",
            "I don't believe you've said. Who are you?",
            "You haven't said yet, and I don't like to guess at names.",
        ),
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
        "plain": (
            "Say what you need to, {name}. The wind says worse.",
            "If that's off your chest now, sit down.",
        ),
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
        "learned": (
            "Flattery, {name}? Do go on. Slower, if anything.",
            "I'd blush if I thought you were wrong.",
        ),
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
    "befriend": {
        "any": (
            "I thought we were already, {name}.",
            "Done. There's no ceremony, but you may buy me something.",
            "I'd like that, {name}.",
        ),
        "hearty": (
            "Are you kiddin'? You're like my fourth best friend already!",
            "You bet, {name}! Pinky swear! Ow, that's my bad pinky.",
        ),
        "learned": (
            "I suppose a vacancy could be found, {name}.",
            "You may consider yourself promoted, {name}. Don't let it show.",
        ),
        "plain": ("You're sitting here, {name}. That makes you one.",),
    },
    "hug": {
        "any": (
            "Come here, then, {name}. Quickly, before anybody sees.",
            "All right, {name}. Mind the ribs.",
            "There. That's a real one.",
        ),
        "hearty": ("Bring it in, {name}! Careful, I got a sandwich in this pocket!",),
        "learned": ("Very well, {name}. Three seconds. Two, if you pat.",),
        "plain": ("Come here, {name}. There's no shame in it.",),
    },
    "invite": {
        "any": (
            "Count me in, {name}.",
            "I could be talked into it.",
            "If you're paying, {name}.",
            "Not tonight, {name}. Ask me again tomorrow.",
        ),
        "hearty": (
            "I'm already in the car, {name}!",
            "Heck yeah! Lemme find my other shoe!",
        ),
        "learned": (
            "I suppose that I might be seen there, {name}.",
            "Very well, but I choose the table.",
        ),
        "plain": (
            "If the work's done, {name}. It seldom is.",
            "I'll come when I can.",
        ),
    },
    "laugh": {
        "any": (
            "Good, somebody's awake.",
            "I'll be here all week, {name}.",
            "Laugh all you like. I was serious.",
        ),
        "hearty": (
            "Hehehe! See, {name} gets it!",
            "Ha! What are we laughin' at?",
        ),
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
        "hearty": (
            "Sweet! Finally somebody gets me!",
            "All right! Team us!",
        ),
        "learned": (
            "How refreshing, {name}. I'd prepared a rebuttal.",
            "Agreement so early? I'm almost disappointed.",
        ),
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
    "cheer_up": {
        "any": (
            "Come on, {name}. Somewhere a man is stuck in a revolving door, and he thinks it's a long building.",
            "Sit down, {name}. Nothing stays terrible after a sandwich.",
            "I'd do a little dance, but then there'd be two sad people here.",
        ),
        "hearty": (
            "Okay, watch this! I'm gonna balance this on my nose! Ow! See? You're smilin' already!",
            "Picture a goose in a necktie, {name}. He's late for a meetin'. There ya go!",
        ),
        "learned": (
            "Chin up, {name}. History is full of people in a worse position, and in tights.",
            "Consider this, {name}: somewhere, somebody is explaining a board game.",
        ),
        "plain": ("The kettle's on, {name}. That's half of it mended.",),
    },
    "say_to": {
        "any": (
            "Hello, {item}. {name} sends you that, I only carry it.",
            "{item}, hello from {name}. And from me, I suppose.",
        ),
    },
    "tease": {
        "any": (
            "{item} once lost a staring contest with a painting.",
            "I'd say something about {item}, but it's no sport when they don't notice.",
            "If {item} had one more good idea, that would make one.",
        ),
        "hearty": (
            "{item}? Couldn't pour soda outta a shoe with the instructions on the heel!",
            "{item} got lost in a hallway once. A straight one!",
        ),
        "learned": (
            "{item} is living proof that evolution takes the weekends off.",
            "There is less to {item} than meets the eye, and the eye was not impressed.",
        ),
        "plain": ("{item} would be late to the end of the world.",),
    },
    "praise": {
        "any": (
            "{item} is all right. Don't pass that on.",
            "There are worse people than {item}. I've sat next to some of them.",
        ),
        "hearty": ("{item}? Solid! Good laugh, good snacks, ten outta nine!",),
        "learned": ("{item} has hidden qualities. I salute how well they're hidden.",),
        "plain": ("{item} is good company, and doesn't slam the door.",),
    },
}
