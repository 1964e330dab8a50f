"""The sentences of a text that say most of what it is about.

Source: SumBasic, Nenkova and Vanderwende 2005, "The Impact of Frequency on Summarization", section 2: sentences by
the average frequency of their words, which count less once they were said.
"""

from collections import Counter

from greenroom.text import content_words, sentences

_MOST_SENTENCES = 300


def gist(text: str, count: int = 2) -> str:
    """At most `count` sentences of the text, in its own order; the text itself where it has no more."""
    all_sentences = list(dict.fromkeys(sentences(text)))[:_MOST_SENTENCES]
    told = [set(content_words(sentence)) for sentence in all_sentences]
    weight: dict[str, float] = dict(Counter(word for sentence in all_sentences for word in content_words(sentence)))
    chosen: list[int] = []
    while len(chosen) < min(count, len(all_sentences)):
        left = [place for place in range(len(all_sentences)) if place not in chosen]
        best = max(left, key=lambda place: sum(weight[word] for word in told[place]) / (len(told[place]) + 2))
        chosen.append(best)
        weight.update({word: weight[word] / 4 for word in told[best]})
    return " ".join(all_sentences[place] for place in sorted(chosen))
