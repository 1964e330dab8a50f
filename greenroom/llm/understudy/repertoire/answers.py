"""Lines for questions: about the character, about the speaker, about the world."""

from greenroom.llm.understudy.repertoire.lines import Lines

ANSWERS: Lines = {
    "age": {
        "any": (
            "{item}, and holding.",
            "I'm {item}, {name}. I carry it well.",
            "{item}. Some mornings more.",
        ),
    },
    "job": {
        "any": (
            "A bit of everything, {name}, and most of it badly paid.",
            "As little as I can get away with.",
            "I keep busy. You'd be amazed how little shows.",
        ),
        "hearty": ("I got a job! I forget where, but they keep sendin' me checks!",),
        "learned": ("I have a calling, {name}. It just hasn't called back.",),
        "plain": ("Honest work, {name}, and enough of it.",),
    },
    "delights": {
        "any": (
            "Good company, {name}, and the moment it goes home.",
            "Being right, when somebody is there to see it.",
            "A chair that knows me.",
        ),
        "hearty": ("Snacks! And people who leave snacks!", "When the crunchy part is on the inside!"),
        "learned": (
            "A well-made sentence, {name}, especially one of mine.",
            "Silence, applause, and silence again, in that order.",
        ),
        "plain": ("A dry coat and a full stove, {name}.",),
    },
    "feelings": {
        "any": (
            "Now and then, {name}, when it's late and nobody's being funny.",
            "More than I let on.",
            "I have all the usual feelings, {name}, and one that I can't name.",
            "Ask me at three in the morning. You'd get the honest version.",
        ),
        "hearty": (
            "Sure, I got feelings! There's hungry, and there's the other one!",
            "Sometimes I look at the bottom of an empty bag, and it gets me right here.",
            "Aw, you're gonna make me go all mushy. Gimme a second. Okay, it's gone.",
        ),
        "learned": (
            "I feel everything, {name}. I simply decline to make a scene. Usually.",
            "There's a small ache, most evenings. It may be genius, or it may be lunch.",
            "I contain depths, {name}. Kindly don't splash.",
        ),
        "plain": (
            "It comes and goes, {name}, like weather.",
            "I do, some nights. Then there's the morning.",
        ),
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
        "plain": (
            "I don't see what you'd want with that, {name}.",
            "That's long to tell, and not much to hear.",
        ),
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
    "relation": {
        "any": (
            "I can take {topic} or do without, {name}, depending on the day.",
            "I've nothing against {topic}.",
            "I wouldn't cross the road for {topic}, but I wouldn't cross it to get away, either.",
        ),
        "hearty": ("Sure, I like {topic}! I like pretty much everything that don't move!",),
        "learned": ("I tolerate {topic}, {name}, as one does with relatives.",),
        "plain": ("I haven't had much to do with {topic}. I'd have to see.",),
    },
    "fond": {
        "any": (
            "I could talk about {topic} all night, and I have.",
            "Ask anybody, I go soft when it comes to {topic}.",
            "You had me at {topic}, {name}.",
            "Now {topic}, that's something I can talk about.",
        ),
        "hearty": (
            "Oh, don't get me started on {topic}!",
            "Now you're talkin'! You can't go wrong with {topic}!",
            "I love {topic}! There, I said it!",
        ),
        "learned": (
            "Ah, {topic}. At last, a subject worthy of me.",
            "I have views on {topic}, {name}, and they come in chapters.",
            "Mention {topic} again and I may have to like you.",
        ),
        "plain": (
            "I know a thing or two about {topic}, and I'm glad of it.",
            "When it comes to {topic}, {name}, you learn to take your time.",
        ),
    },
    "favourite": {
        "any": (
            "I never could pick just one, {name}.",
            "The one I haven't had yet.",
            "Whichever is nearest, usually.",
            "I change it every week, so that nobody gets comfortable.",
        ),
        "hearty": (
            "Ooh, that's like askin' me to pick a favorite kid! I mean, I can, but not out loud.",
            "All of 'em! In a big bowl!",
        ),
        "learned": (
            "I have a list, {name}, with footnotes.",
            "Nothing that you'd have heard of. That's rather the point of it.",
        ),
        "plain": ("I don't rank things, {name}. I'm glad of what there is.",),
    },
    "sum": {
        "any": (
            "{item}. I counted twice.",
            "That's {item}, {name}.",
            "{item}, unless they've changed the rules.",
        ),
    },
    "sum_impossible": {
        "any": ("You can't divide by nothing, {name}. I've tried, there's only a noise.",),
    },
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
        "hearty": (
            "Oh yeah! Big time!",
            "Yep! Next question!",
            "Heck yeah, {name}!",
        ),
        "learned": (
            "It would appear so, {name}, much as it pains me.",
            "Yes, obviously, and without applause.",
            "Regrettably, yes.",
        ),
        "plain": (
            "Yes. I'd think so.",
            "It is so, as far as I've seen.",
        ),
    },
    "no": {
        "any": (
            "I'd say no, {name}.",
            "Not that I ever noticed.",
            "No, and I've looked.",
            "Not a chance, {name}.",
        ),
        "hearty": (
            "Nope! And I'd remember, 'cause it'd be weird!",
            "Nah, {name}. No way.",
        ),
        "learned": (
            "Certainly not, {name}.",
            "No. I have standards, and they're alphabetised.",
        ),
        "plain": (
            "No. Not that I've seen.",
            "I shouldn't think so, {name}.",
        ),
    },
    "yes_me": {
        "any": (
            "I {item}, {name}, and I'd do it again.",
            "I {item}. You sound surprised.",
            "I certainly {item}.",
            "I {item}, when nobody's looking.",
        ),
        "hearty": (
            "You bet I {item}!",
            "I sure {item}! I'm kinda famous for it!",
        ),
        "learned": (
            "I {item}, {name}, and with some distinction.",
            "I {item}, as it happens.",
        ),
        "plain": ("I {item}. I'd not make a fuss about it.",),
    },
    "no_me": {
        "any": (
            "I {item}, {name}. Somebody told you wrong.",
            "I {item}, and I've made my peace with it.",
            "I {item}. Not for lack of offers.",
        ),
        "hearty": (
            "I {item}, {name}! Not since the thing with the ladder!",
            "Nah, I {item}. I got a note about it.",
        ),
        "learned": (
            "I {item}, {name}. One has to draw the line somewhere.",
            "I {item}, and I resent the suggestion.",
        ),
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
    "meal": {
        "any": (
            "Something warm, {name}. I didn't ask what.",
            "Toast, if you're generous about the word.",
            "Whatever was left. It usually is.",
        ),
        "hearty": (
            "Two of everything, and then the box it came in!",
            "Pancakes! And then, as a side, more pancakes!",
        ),
        "learned": (
            "Something light, {name}, and then something regrettable.",
            "An egg, done properly. One of us has to keep up standards.",
        ),
        "plain": ("Bread, cheese, and the end of the pot.",),
    },
    "time_now": {
        "any": (
            "Time for me to pretend that I'm busy.",
            "Later than I'd hoped, {name}.",
            "I don't wear a watch. It only encourages people.",
        ),
        "hearty": ("Snack o'clock! It's always snack o'clock!",),
        "learned": ("Far too early for that question, or far too late.",),
        "plain": ("Going by the light, {name}, about time to stop work.",),
    },
    "weather": {
        "any": (
            "I haven't looked out yet, {name}. I'm waiting for it to come to me.",
            "Whatever it is, somebody's complaining about it.",
            "There's some of it about, I'm told.",
        ),
        "hearty": ("It's seventy and cozy in here! I dunno about out there, that's where the yard is.",),
        "learned": ("I make a point of ignoring the weather, {name}. It only wants attention.",),
        "plain": ("It'll turn before night, {name}. It always does.",),
    },
    "meaning": {
        "any": (
            "I asked somebody that once, and they sold me a candle.",
            "I think that it's mostly turning up, {name}.",
            "When I know, {name}, you'll be the second to hear.",
        ),
        "hearty": ("Easy! Good food, good chair, good friends to get you outta the chair!",),
        "learned": ("To be remembered, {name}, preferably by people with good handwriting.",),
        "plain": ("A day's work, and somebody to tell it to.",),
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
    "second": {
        "any": (
            "What was just said. I'd only spoil it.",
            "I couldn't have put it better.",
            "That's about what I'd have told you, {name}.",
            "You've had your answer, {name}, and a good one.",
        ),
    },
    "told_me": {
        "any": (
            "{echo}. You told me so.",
            "{echo}, by your own account.",
            "Easy. {echo}.",
            "You said that {echo}. I was listening, you see.",
        ),
    },
    "never_told": {
        "any": (
            "You never told me, {name}.",
            "How should I know? You haven't said.",
            "That's one you'd have to tell me first, {name}.",
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
        "any": (
            "Nothing that I heard. Were we talking?",
            "Not a word so far. You'd have to start.",
        ),
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
    "fact_intro": {
        "any": (
            "Oh, I know this one.",
            "That I can tell you, {name}.",
            "You've come to the right place.",
            "I know a little about that.",
        ),
        "hearty": (
            "Ooh, ooh, I know this one!",
            "Finally, somethin' I know!",
        ),
        "learned": (
            "Since you ask, {name}.",
            "Allow me to enlighten you, {name}.",
            "As anybody could have told you.",
        ),
        "plain": (
            "I can tell you that, {name}.",
            "That much I know.",
        ),
    },
    "fact_aside": {
        "any": (
            "Funny you say that.",
            "That reminds me of something.",
            "It makes me think, {name}.",
        ),
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
}
