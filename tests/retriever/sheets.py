"""A sheet with a little lore, for the tests of the retriever."""

from greenroom.model import Lore, Sheet

CLAM = Lore(
    title="The Drunken Clam",
    keys=("clam", "the bar"),
    text="Peter spends his evenings at a bar by the harbour. Horace pours, and nobody ever pays on time.",
)
CHICKEN = Lore(
    title="The giant chicken",
    keys=("Ernie",),
    text="A bad coupon began it. Since then {{char}} and a giant chicken fight through whole streets.",
)
BREWERY = Lore(title="Work", keys=("job",), text="Peter stands at a conveyor belt of the Pawtucket brewery.")
VOW = Lore(title="A vow", text="He has promised Lois never to speak of the blender.", constant=True)

PETER = Sheet(name="Peter", full_name="Peter Griffin", lore=(CLAM, CHICKEN, BREWERY, VOW))
