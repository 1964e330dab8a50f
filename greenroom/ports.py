"""The ports of the house, in the order in which a message travels.

A caller holds one of these and cannot tell a service in its own process from one on another machine. Every verb takes
one value and returns one value, or a stream of them, and carries its route.
"""

from typing import Protocol

from greenroom.at import at
from greenroom.model import (
    AnalysisOrder,
    AnalyzeRequest,
    ApiKey,
    ApiKeys,
    CacheBackup,
    CacheClear,
    CacheEntry,
    CacheEntryRef,
    CacheFile,
    CacheReport,
    CacheStats,
    CardFile,
    Cast,
    ChannelRequest,
    Character,
    CharacterRef,
    ChatRequest,
    Chunk,
    CollectionRef,
    Collections,
    Comparisons,
    ComplexityRequest,
    Conversation,
    ConversationAnalysis,
    ConversationAnalysisRequest,
    Crawl,
    CrawlOrder,
    CrawlPages,
    CrawlPagesRequest,
    CrawlRef,
    Crawls,
    DeadLetterRef,
    DeadLetters,
    Decision,
    DecisionRef,
    DocumentPage,
    DocumentPageRequest,
    DocumentRefs,
    Documents,
    Entities,
    EntitiesRequest,
    Entity,
    EntityChange,
    EntityRef,
    EventRef,
    EventsRequest,
    ExportedCard,
    ExportRequest,
    Floor,
    FloorRequest,
    FollowRequest,
    Forgotten,
    GenerateRequest,
    Guidance,
    HeardLine,
    Indexed,
    KeyOrder,
    KeyRef,
    Knowledge,
    KnowledgeRequest,
    LineCheck,
    LineEdit,
    LineRef,
    LineToCheck,
    LoadedModels,
    LogAnalysis,
    LogsToAnalyze,
    ModelChoice,
    ModelDetails,
    ModelFitness,
    ModelRef,
    Models,
    NewEntity,
    NewKey,
    NewNote,
    NewSession,
    NewWorld,
    Nothing,
    Opportunity,
    OpportunityRequest,
    OptimizeRequest,
    OrganicNotice,
    OrganicRequest,
    Outcome,
    Page,
    Panel,
    PanelRequest,
    Passages,
    Performance,
    PerformanceRequest,
    PerformanceStats,
    PersonRef,
    Posted,
    Prompt,
    PromptRequest,
    PromptToAnswer,
    QualityConfig,
    QueueStatus,
    QuietRequest,
    Rating,
    Ratings,
    RatingsRequest,
    Receipt,
    RetrieveRequest,
    RollBack,
    RollBackRef,
    RolledBack,
    RoutingState,
    SaidRequest,
    Script,
    ScriptWish,
    SearchAnswer,
    SearchRequest,
    SearchState,
    SemanticSearch,
    ServicesHealth,
    Session,
    SessionChange,
    SessionRef,
    Sessions,
    SessionsRequest,
    SheetChange,
    SheetOrCard,
    SpeakerChoice,
    SpeakerCorrection,
    SpeakerRequest,
    Stats,
    StatsRequest,
    Stream,
    TaskPage,
    TaskQuery,
    TaskRef,
    Texts,
    Traits,
    Triggered,
    Turn,
    TurnEvent,
    TurnPage,
    TurnRef,
    TurnReply,
    TurnRequest,
    Vectors,
    Verdict,
    WeightsReport,
    WholeAnswer,
    WitnessedRequest,
    WorldChange,
    WorldEvents,
    WorldRef,
    Worlds,
    WorldSummary,
)


class Router(Protocol):
    """The turn: a character's answer to what somebody said."""

    @at("POST /orchestrate")
    async def orchestrate(self, request: TurnRequest, /) -> TurnReply:
        """Answer, and return when the reply stands.

        Raises: UnknownCharacter; TurnFailed, when no attempt gave a reply (a dead letter keeps the turn);
        StorageFull, before anything was said.
        """
        ...

    @at("POST /orchestrate/stream")
    def stream(self, request: TurnRequest, /) -> Stream[TurnEvent]:
        """Answer, and show the drafts as they come; the last event is the reply. Closing the stream ends the turn."""
        ...

    @at("POST /hear")
    async def hear(self, line: HeardLine, /) -> Turn:
        """Write down what a person said to nobody in particular; nobody answers yet. Raises: StorageFull."""
        ...

    @at("POST /organic-notification")
    async def note(self, notice: OrganicNotice, /) -> Turn:
        """Write down what a program has posted as a character by itself, so that others may fall in on it.

        Raises: UnknownCharacter; Overloaded; StorageFull.
        """
        ...

    @at("GET /dead-letters")
    async def dead_letters(self, page: Page, /) -> DeadLetters:
        """List the turns that failed, newest first."""
        ...

    @at("POST /dead-letters/{id}/replay", repeatable=False)
    async def replay(self, which: DeadLetterRef, /) -> TurnReply:
        """Try a failed turn again. On success its letter is gone; otherwise it stays and counts the replay."""
        ...

    @at("DELETE /dead-letters/{id}")
    async def drop(self, which: DeadLetterRef, /) -> Nothing:
        """Forget a dead letter; its turn stays in the log as failed."""
        ...

    @at("GET /services/health")
    async def services_health(self, nothing: Nothing, /) -> ServicesHealth:
        """Ask every service how it is."""
        ...


class Turns(Protocol):
    """The log of turns, for those who show it and those who follow it."""

    @at("GET /turns/{id}")
    async def explain(self, which: TurnRef, /) -> Receipt:
        """Return everything that made a line. Raises: UnknownTurn."""
        ...

    @at("GET /turns")
    async def follow(self, request: FollowRequest, /) -> TurnPage:
        """Return the turns that changed after the cursor. A turn comes again each time that it changes."""
        ...

    @at("GET /channels/{channel_id}/messages")
    async def recall(self, request: ChannelRequest, /) -> Conversation:
        """Return what was said last in a channel; an unknown channel is an empty conversation."""
        ...

    @at("PUT /lines")
    async def edit(self, change: LineEdit, /) -> Turn:
        """Put other words in the place of a line. Replies to the old ones stay and are marked as outdated.

        Raises: UnknownTurn; Forbidden, when somebody else said it; Conflict, when it was taken back.
        """
        ...

    @at("DELETE /lines")
    async def withdraw(self, which: LineRef, /) -> Turn:
        """Take a line back, and with it the answers to it, which may quote it. What is gone already stays gone.

        Raises: UnknownTurn; Forbidden, when somebody else said it.
        """
        ...

    @at("GET /characters/{character}/witnessed")
    async def witnessed(self, request: WitnessedRequest, /) -> TurnPage:
        """Return what a character witnessed and still stands. What was taken back since, `follow` tells."""
        ...

    @at("GET /people/{user_id}/lines")
    async def export(self, request: SaidRequest, /) -> TurnPage:
        """Return all that a person said, and what was answered."""
        ...

    @at("POST /people/{user_id}/forget", repeatable=True)
    async def forget(self, who: PersonRef, /) -> Forgotten:
        """Take back all that a person has said so far; the log tells everybody who follows it to do the same."""
        ...


class Characters(Protocol):
    """Who the characters are."""

    @at("GET /characters")
    async def cast(self, nothing: Nothing, /) -> Cast:
        """List all characters, and the problems of files that could not be read."""
        ...

    @at("POST /characters", status=201)
    async def create(self, sheet: SheetOrCard, /) -> Character:
        """Make a character from a sheet or a card. Raises: InvalidInput; Conflict, when the name is taken."""
        ...

    @at("GET /characters/{character}")
    async def get(self, which: CharacterRef, /) -> Character:
        """Return one character. Raises: UnknownCharacter."""
        ...

    @at("PUT /characters/{character}")
    async def change(self, change: SheetChange, /) -> Character:
        """Replace the sheet of a character. Raises: Conflict, for a character of the cast folder."""
        ...

    @at("DELETE /characters/{character}")
    async def delete(self, which: CharacterRef, /) -> Nothing:
        """Remove a character made over the API. Raises: Conflict, for a character of the cast folder."""
        ...

    @at("POST /characters/import", status=201)
    async def import_card(self, card: CardFile, /) -> Character:
        """Make a character from a card file (JSON or PNG). Raises: BadCard, TooLarge, Conflict."""
        ...

    @at("GET /characters/{character}/export")
    async def export(self, request: ExportRequest, /) -> ExportedCard:
        """Write a character as a card. What an imported card held and we do not know is in it again."""
        ...

    @at("GET /llm_prompt/{character}")
    async def prompt(self, which: CharacterRef, /) -> Prompt:
        """Return the character's plain prompt."""
        ...

    @at("POST /optimized_prompt", repeatable=True)
    async def optimized_prompt(self, request: PromptRequest, /) -> Prompt:
        """Return the character's prompt for an occasion, with guidance."""
        ...

    @at("GET /character_traits/{character}")
    async def traits(self, which: CharacterRef, /) -> Traits:
        """Return what is needed to judge a line of this character."""
        ...

    @at("POST /validate_character_response", repeatable=True)
    async def validate_response(self, line: LineToCheck, /) -> LineCheck:
        """Check a line against the rules of the sheet alone (no history; that is quality's work)."""
        ...


class Retriever(Protocol):
    """What a character knows that bears on the moment."""

    @at("POST /retrieve", repeatable=True)
    async def retrieve(self, request: RetrieveRequest, /) -> Passages:
        """Find passages for what was just said, best first; none when nothing is close enough."""
        ...

    @at("POST /semantic-search", repeatable=True)
    async def semantic_search(self, search: SemanticSearch, /) -> Passages:
        """Search the library by words and by meaning, best first. Raises: NotFound, for an unknown collection."""
        ...

    @at("POST /character-knowledge", repeatable=True)
    async def character_knowledge(self, request: KnowledgeRequest, /) -> Knowledge:
        """Tell what a character knows, of something or at all. Raises: UnknownCharacter."""
        ...

    @at("GET /collections")
    async def collections(self, nothing: Nothing, /) -> Collections:
        """List what is in the library."""
        ...


class Library(Protocol):
    """What the house has been told to know, for those who fill it. Served by the retriever, whose tables these are."""

    @at("POST /documents", repeatable=True)
    async def put(self, order: Documents, /) -> Indexed:
        """Put documents into a collection, in the place of those with their ids; what says the same is left alone.

        When it returns, they can be found. Raises: NoUpstream and the like, when nothing embeds them; StorageFull.
        Nothing is put then.
        """
        ...

    @at("POST /documents/remove", repeatable=True)
    async def remove(self, which: DocumentRefs, /) -> Indexed:
        """Take documents out."""
        ...

    @at("GET /collections/{collection}/documents")
    async def documents(self, request: DocumentPageRequest, /) -> DocumentPage:
        """List the documents of a collection, without their texts; none of an unknown one."""
        ...

    @at("DELETE /collections/{collection}")
    async def drop(self, which: CollectionRef, /) -> Indexed:
        """Take a whole collection out. One that is not there is no mistake."""
        ...

    @at("GET /collections/stats")
    async def stats(self, nothing: Nothing, /) -> Collections:
        """List the collections in figures."""
        ...


class Llm(Protocol):
    """Every model call goes through here. Providers, and what is folded around them, are this same port."""

    @at("POST /chat/stream")
    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation; the last chunk has `done`. Closing the stream cancels the model's work.

        Raises: UnknownModel, Unsupported, NoUpstream, UpstreamFailed, UpstreamSilent; also inside the stream.
        """
        ...

    @at("POST /generate/stream")
    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt; otherwise like `chat`."""
        ...

    @at("POST /embed", repeatable=True)
    async def embed(self, texts: Texts, /) -> Vectors:
        """Embed each text; rows in the order of the texts. Raises: UnknownModel, NoUpstream."""
        ...

    @at("GET /models")
    async def models(self, nothing: Nothing, /) -> Models:
        """List what can be asked, how the providers are, and which model each role uses now."""
        ...

    @at("POST /models/show", repeatable=True)
    async def show(self, which: ModelRef, /) -> ModelDetails:
        """Describe one model, as far as its server does. Raises: UnknownModel, NoUpstream."""
        ...

    @at("GET /models/loaded")
    async def loaded(self, nothing: Nothing, /) -> LoadedModels:
        """List the models that are in memory now. A server that is away has none; one that does not tell, neither."""
        ...


class Generator(Protocol):
    """One prompt, one answer, for programs that want no stream; and whether a model is fit for that."""

    @at("POST /generate")
    async def generate(self, request: PromptToAnswer, /) -> WholeAnswer:
        """Answer a prompt. Raises: all that `Llm.generate` does."""
        ...

    @at("POST /validate-model", repeatable=True)
    async def validate(self, which: ModelChoice, /) -> ModelFitness:
        """Tell whether a model can be asked, and how promptly it has answered so far."""
        ...

    @at("GET /validate-model")
    async def validated(self, which: ModelChoice, /) -> ModelFitness:
        """The same."""
        ...


class ResponseCache(Protocol):
    """The answers that are kept, for those who look after them."""

    @at("POST /cache/clear", repeatable=True)
    async def clear(self, whose: CacheClear, /) -> CacheStats:
        """Forget the answers of one model, or all; what is being answered now is not kept either."""
        ...

    @at("GET /cache/stats")
    async def stats(self, nothing: Nothing, /) -> CacheStats:
        """Tell how many answers each tier has, and how often they were of use."""
        ...

    @at("GET /cache/entries/{key}")
    async def entry(self, which: CacheEntryRef, /) -> CacheEntry:
        """Return an answer that is kept. Raises: NotFound."""
        ...

    @at("DELETE /cache/entries/{key}")
    async def purge(self, which: CacheEntryRef, /) -> Nothing:
        """Forget an answer in all tiers. Raises: NotFound."""
        ...

    @at("POST /cache/report")
    async def report(self, which: CacheEntryRef, /) -> CacheReport:
        """Tell that an answer is wrong. It is forgotten, and never given again to the prompt that it came for.

        Raises: NotFound.
        """
        ...

    @at("POST /cache/backup")
    async def backup(self, file: CacheFile, /) -> CacheBackup:
        """Copy the tier on the disk into a new file, while it is used.

        Raises: Conflict, when there is one of this name; Unavailable; StorageFull; StorageFailed.
        """
        ...

    @at("POST /cache/restore", repeatable=True)
    async def restore(self, file: CacheFile, /) -> CacheStats:
        """Put a backup in the place of the tier on the disk, while it is used.

        Raises: NotFound; InvalidInput, when it is not a backup or is damaged; Unavailable; StorageFailed.
        """
        ...


class Complexity(Protocol):
    """How hard a request is. Served at the root, beside what clients of Ollama know."""

    @at("POST /api/analyze", repeatable=True)
    async def analyze(self, request: ComplexityRequest, /) -> Decision:
        """Judge a request without answering it: how hard it is, why, and which way it would go."""
        ...


class Routing(Protocol):
    """What the gateway knows of hard and easy, and how it learns."""

    @at("POST /routing/outcomes", repeatable=True)
    async def record(self, outcome: Outcome, /) -> Nothing:
        """Keep how well an answer did. Raises: NotFound, for a decision that is not kept any more; InvalidInput."""
        ...

    @at("GET /routing")
    async def state(self, nothing: Nothing, /) -> RoutingState:
        """Tell where medium and hard begin, and what was learnt."""
        ...

    @at("GET /routing/comparisons")
    async def comparisons(self, page: Page, /) -> Comparisons:
        """List what two models said to the same requests, the newest first; none where nothing is compared."""
        ...

    @at("DELETE /routing/comparisons/{decision}")
    async def forget_comparison(self, which: DecisionRef, /) -> Nothing:
        """Forget what two models said to a request, also if it is only being compared; what is not kept is no error."""
        ...

    @at("POST /routing/refit", repeatable=True)
    async def refit(self, nothing: Nothing, /) -> RoutingState:
        """Learn from all outcomes now; it happens by itself as well. Takes seconds for thousands of them."""
        ...


class WebSearch(Protocol):
    """What the web says. Nothing leaves this machine unless the owner has switched it on."""

    @at("POST /api/search", repeatable=True)
    async def search(self, request: SearchRequest, /) -> SearchAnswer:
        """Look something up, and rank what was found. Raises: SearchOff; SearchFailed, with what to do about it."""
        ...

    @at("GET /api/search")
    async def state(self, nothing: Nothing, /) -> SearchState:
        """Say who would be asked and how that went so far. Asks nobody."""
        ...


class Keys(Protocol):
    """The keys of those who may call models, for the owner of the house."""

    @at("POST /keys", status=201)
    async def make(self, order: KeyOrder, /) -> NewKey:
        """Make a key, and tell its secret this once. Raises: Conflict, when the name is taken."""
        ...

    @at("GET /keys")
    async def keys(self, nothing: Nothing, /) -> ApiKeys:
        """List all keys, each with its limits, and with what it has spent of its budget."""
        ...

    @at("DELETE /keys/{id}")
    async def revoke(self, which: KeyRef, /) -> ApiKey:
        """Let a key open nothing any more. Raises: NotFound."""
        ...


class Costs(Protocol):
    """What model calls cost, and what was saved."""

    @at("GET /api/stats")
    async def stats(self, request: StatsRequest, /) -> Stats:
        """Sum up the last days: requests, tokens, money, savings, durations; by model, caller and day.

        A caller with a key sees its own figures, the owner of the house all.
        """
        ...


class Errands(Protocol):
    """Small jobs for the person who runs a machine. Served at the root, beside what clients of Ollama know."""

    @at("POST /api/analyze-logs", repeatable=True)
    async def analyze_logs(self, request: LogsToAnalyze, /) -> LogAnalysis:
        """Say what a log says: read by a model where one answers, counted otherwise. Raises: UnknownModel."""
        ...

    @at("POST /api/generate-script", repeatable=True)
    async def generate_script(self, wish: ScriptWish, /) -> Script:
        """Write a script, which nobody runs. Raises: NoUpstream, without a language model; UpstreamFailed."""
        ...


class Quality(Protocol):
    """Is this draft good enough?"""

    @at("POST /analyze", repeatable=True)
    async def analyze(self, request: AnalyzeRequest, /) -> Verdict:
        """Judge a reply. Raises: UnknownCharacter."""
        ...

    @at("GET /config")
    async def config(self, nothing: Nothing, /) -> QualityConfig:
        """Return the weights and thresholds in force, and the scorer's card: how well it does, and since when."""
        ...

    @at("GET /conversation-analysis")
    async def conversation_analysis(self, request: ConversationAnalysisRequest, /) -> ConversationAnalysis:
        """Describe how a conversation has gone, from the verdicts on its replies."""
        ...


class Crawler(Protocol):
    """What is read elsewhere for the library."""

    @at("POST /crawl", repeatable=True, status=202)
    async def crawl(self, order: CrawlOrder, /) -> Crawl:
        """Begin to read a site into a collection; one that was ordered before is read anew, and only what changed.

        Returns at once; `status` tells how far it is. Raises: InvalidInput, when this is no address of a page.
        """
        ...

    @at("GET /crawl-status/{id}")
    async def status(self, which: CrawlRef, /) -> Crawl:
        """Tell how far a crawl is. Raises: NotFound."""
        ...

    @at("GET /crawls")
    async def crawls(self, nothing: Nothing, /) -> Crawls:
        """List all crawls."""
        ...

    @at("GET /crawls/{id}/pages")
    async def pages(self, request: CrawlPagesRequest, /) -> CrawlPages:
        """List the pages of a crawl, and what became of each. Raises: NotFound."""
        ...

    @at("POST /crawls/{id}/stop", repeatable=True)
    async def stop(self, which: CrawlRef, /) -> Crawl:
        """Stop a crawl after the page that it is at; it is not read anew by itself any more. Raises: NotFound."""
        ...

    @at("POST /crawls/{id}/start", repeatable=True)
    async def start(self, which: CrawlRef, /) -> Crawl:
        """Let a crawl go on that was stopped or has failed; one that is done is read anew. Raises: NotFound."""
        ...

    @at("DELETE /crawls/{id}")
    async def forget(self, which: CrawlRef, /) -> Nothing:
        """Forget a crawl; what it has put into the library stays there. One that is not there is no mistake."""
        ...

    @at("POST /index-content", repeatable=True)
    async def index_content(self, order: Documents, /) -> Indexed:
        """Put documents that somebody has into the library; see `Library.put`."""
        ...

    @at("GET /collections/stats")
    async def collection_stats(self, nothing: Nothing, /) -> Collections:
        """List the collections in figures."""
        ...


class Coordinator(Protocol):
    """Who speaks next, and when; whether anybody should."""

    @at("POST /select-speaker", repeatable=True)
    async def select_speaker(self, request: SpeakerRequest, /) -> SpeakerChoice:
        """Say who speaks next: the likeliest of the candidates and silence, with chances and reasons."""
        ...

    @at("POST /analyze-organic-opportunity", repeatable=True)
    async def analyze_opportunity(self, request: OpportunityRequest, /) -> Opportunity:
        """Say whether a character should fall in now, and who; nothing is said."""
        ...

    @at("POST /generate-organic-response", repeatable=False)
    async def fall_in(self, request: OrganicRequest, /) -> TurnReply:
        """Have a character fall in on what was said last. Raises: UnknownCharacter; Conflict, when it may not."""
        ...

    @at("GET /conversation-state")
    async def conversation_state(self, request: FloorRequest, /) -> Floor:
        """Say how a channel's conversation stands, and what is left of its budget."""
        ...

    @at("POST /corrections", repeatable=True)
    async def correct(self, correction: SpeakerCorrection, /) -> WeightsReport:
        """Keep who should have spoken; with enough of such corrections the weights follow them.

        Raises: UnknownTurn; UnknownCharacter, for one who could not have spoken; InvalidInput.
        """
        ...

    @at("GET /weights")
    async def weights(self, nothing: Nothing, /) -> WeightsReport:
        """Return the weights by which speakers are chosen, beside those that Greenroom comes with."""
        ...

    @at("POST /quiet", repeatable=True)
    async def keep_quiet(self, request: QuietRequest, /) -> Floor:
        """Have characters say nothing unasked in a channel for a while; what was planned there is dropped at once."""
        ...


class World(Protocol):
    """What there is beside the conversation, and how the conversation changes it. Follows the log of turns."""

    @at("GET /panel")
    async def panel(self, request: PanelRequest, /) -> Panel:
        """Say how things stand in a channel, as those present may know it; empty where nobody has talked."""
        ...

    @at("POST /maintenance/trigger-analysis", repeatable=True)
    async def trigger_analysis(self, order: AnalysisOrder, /) -> Triggered:
        """Have turns read again; what they were found to say already is not said twice. Raises: NotFound."""
        ...

    @at("GET /worlds")
    async def worlds(self, nothing: Nothing, /) -> Worlds:
        """List the worlds."""
        ...

    @at("POST /worlds", status=201)
    async def make_world(self, new: NewWorld, /) -> WorldSummary:
        """Make a world. Raises: Conflict, when there is one of this id."""
        ...

    @at("GET /worlds/{world_id}")
    async def world(self, which: WorldRef, /) -> WorldSummary:
        """Return one world. Raises: NotFound."""
        ...

    @at("PUT /worlds/{world_id}")
    async def change_world(self, change: WorldChange, /) -> WorldSummary:
        """Change name or description. Raises: NotFound."""
        ...

    @at("DELETE /worlds/{world_id}")
    async def delete_world(self, which: WorldRef, /) -> Nothing:
        """Delete a world with its history; its conversations go over to `main`.

        Raises: NotFound; Conflict, for `main`, which is where conversations belong that nobody assigned.
        """
        ...

    @at("GET /worlds/{world_id}/events")
    async def events(self, request: EventsRequest, /) -> WorldEvents:
        """Tell the history of a world, or of one entity in it. Raises: NotFound."""
        ...

    @at("POST /worlds/{world_id}/rollback/preview", repeatable=True)
    async def preview_rollback(self, request: RollBack, /) -> RolledBack:
        """Say what a roll-back would change; nothing is changed. Raises: NotFound; UnknownTurn."""
        ...

    @at("POST /worlds/{world_id}/rollback", repeatable=True)
    async def roll_back(self, request: RollBack, /) -> RolledBack:
        """Take out what happened after a turn. The conversation stays; words that are changed later are read again.

        Raises: NotFound; UnknownTurn.
        """
        ...

    @at("POST /worlds/{world_id}/rollback/{event}/undo", repeatable=True)
    async def undo_rollback(self, which: RollBackRef, /) -> RolledBack:
        """Bring back what a roll-back took out and the conversation still holds. Raises: NotFound."""
        ...

    @at("POST /worlds/{world_id}/events/{event}/undo", repeatable=True)
    async def take_back(self, which: EventRef, /) -> RolledBack:
        """Take back what was done to one entity by hand. Raises: NotFound."""
        ...

    @at("GET /sessions")
    async def sessions(self, request: SessionsRequest, /) -> Sessions:
        """List the conversations of a world, or of all."""
        ...

    @at("POST /sessions", status=201)
    async def open_session(self, new: NewSession, /) -> Session:
        """Assign a channel to a world before anybody talks in it. Raises: NotFound; Conflict, when it is assigned."""
        ...

    @at("GET /sessions/{session_id}")
    async def session(self, which: SessionRef, /) -> Session:
        """Return one conversation. Raises: NotFound."""
        ...

    @at("PUT /sessions/{session_id}")
    async def change_session(self, change: SessionChange, /) -> Session:
        """Give a conversation another name. Raises: NotFound."""
        ...

    @at("DELETE /sessions/{session_id}")
    async def delete_session(self, which: SessionRef, /) -> Nothing:
        """Take out what the world has of a conversation. The log keeps it, and what is said later counts again.

        Raises: NotFound.
        """
        ...

    @at("GET /entities")
    async def entities(self, request: EntitiesRequest, /) -> Entities:
        """Search the entities of a world, now or as of a turn. Raises: NotFound; UnknownTurn."""
        ...

    @at("POST /entities", status=201)
    async def make_entity(self, new: NewEntity, /) -> Entity:
        """Make an entity. Raises: NotFound, for the world; Conflict, when one is called so."""
        ...

    @at("GET /entities/{entity_id}")
    async def entity(self, which: EntityRef, /) -> Entity:
        """Return one entity with all its facts. Raises: NotFound; UnknownTurn."""
        ...

    @at("PUT /entities/{entity_id}")
    async def change_entity(self, change: EntityChange, /) -> Entity:
        """Change an entity by hand. Raises: NotFound; Conflict, when another is called so."""
        ...

    @at("DELETE /entities/{entity_id}")
    async def delete_entity(self, which: EntityRef, /) -> Nothing:
        """Take an entity out of the world. What is said of it later makes it anew. Raises: NotFound."""
        ...

    @at("POST /entities/{entity_id}/notes", repeatable=False)
    async def add_note(self, note: NewNote, /) -> Entity:
        """Add a remark to an entity by hand. Raises: NotFound."""
        ...

    @at("POST /maintenance/trigger-simulation", repeatable=False)
    async def trigger_simulation(self, which: WorldRef, /) -> Triggered:
        """Let characters go on that are off scene, those whose turn it is. Raises: NotFound."""
        ...


class Maintenance(Protocol):
    """The work that is done in the background, for those who look after it."""

    @at("GET /maintenance/queue-status")
    async def queue_status(self, nothing: Nothing, /) -> QueueStatus:
        """Tell how it goes: how many tasks there are of each kind and status, how long they wait, what was done."""
        ...

    @at("GET /maintenance/tasks")
    async def tasks(self, query: TaskQuery, /) -> TaskPage:
        """List tasks, newest first; dead letters are those with the status `failed`."""
        ...

    @at("POST /maintenance/tasks/{id}/retry", repeatable=False)
    async def retry(self, which: TaskRef, /) -> Nothing:
        """Let a dead letter be tried anew. Raises: NotFound; Conflict, for a task that has not failed."""
        ...

    @at("DELETE /maintenance/tasks/{id}")
    async def drop(self, which: TaskRef, /) -> Nothing:
        """Give up a task that waits or has failed. Raises: NotFound; Conflict, for one that is begun or over."""
        ...


class Tuning(Protocol):
    """What people think of the lines, and what the prompts learn from it."""

    @at("POST /ratings", repeatable=True)
    async def rate(self, rating: Rating, /) -> Ratings:
        """Keep one person's opinion of a turn, in place of an earlier one; return all opinions of that turn."""
        ...

    @at("GET /ratings")
    async def ratings(self, request: RatingsRequest, /) -> Ratings:
        """List ratings, newest first."""
        ...

    @at("POST /record-performance", repeatable=True)
    async def record_performance(self, performance: Performance, /) -> Nothing:
        """Keep how a turn went; the same turn again replaces its record."""
        ...

    @at("GET /performance-stats")
    async def performance_stats(self, request: PerformanceRequest, /) -> PerformanceStats:
        """Sum up the recorded turns."""
        ...

    @at("POST /optimize-prompt", repeatable=True)
    async def optimize_prompt(self, request: OptimizeRequest, /) -> Guidance:
        """Return guidance learnt from this character's recorded failures and from those of this turn."""
        ...


class Discord(Protocol):
    """The door to Discord."""

    @at("POST /organic-message", repeatable=False)
    async def organic_message(self, request: OrganicRequest, /) -> Posted:
        """Have a character fall in now, in a channel of Discord; return when it is posted.

        Raises: Conflict, with what holds the channel back; Unavailable, when no bot is there.
        """
        ...
