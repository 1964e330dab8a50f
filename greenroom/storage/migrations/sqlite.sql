-- 0025_unvalued
;
CREATE TABLE greenroom_revision (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT greenroom_revision_pkc PRIMARY KEY (version_num)
)
;
CREATE TABLE turns (
	id TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	channel_id TEXT NOT NULL, 
	character TEXT NOT NULL, 
	character_name TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	user_name TEXT NOT NULL, 
	message_type TEXT NOT NULL, 
	input_text TEXT NOT NULL, 
	reply TEXT, 
	state TEXT NOT NULL, 
	error TEXT, 
	begun_at DATETIME NOT NULL, 
	rank BIGINT NOT NULL, 
	ended_at DATETIME, 
	quality_score FLOAT, 
	replaces TEXT, 
	superseded BOOLEAN DEFAULT 0 NOT NULL, 
	trace_id TEXT NOT NULL, 
	request_id TEXT, 
	owner TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	request JSON NOT NULL, 
	receipt JSON, place TEXT DEFAULT 'channel' NOT NULL, present JSON, parent_id TEXT, message_id TEXT, follows TEXT, edited_at DATETIME, outdated BOOLEAN DEFAULT 0 NOT NULL, knows_from BIGINT DEFAULT '0' NOT NULL, erased_at BIGINT, 
	PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX turns_position ON turns (position)
;
CREATE UNIQUE INDEX turns_request_id ON turns (request_id)
;
CREATE INDEX turns_state ON turns (state)
;
CREATE TABLE dead_letters (
	id TEXT NOT NULL, 
	turn_id TEXT NOT NULL, 
	request JSON NOT NULL, 
	error TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	failed_at DATETIME NOT NULL, 
	replays INTEGER NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE turn_counter (
	id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE characters (
	id TEXT NOT NULL, 
	revision BIGINT NOT NULL, 
	sheet TEXT NOT NULL, 
	source TEXT NOT NULL, 
	card TEXT, 
	picture BLOB, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE characters_revision (
	id INTEGER NOT NULL, 
	revision BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE verdicts (
	id INTEGER NOT NULL, 
	conversation_id TEXT NOT NULL, 
	character TEXT NOT NULL, 
	judged_at DATETIME NOT NULL, 
	score FLOAT NOT NULL, 
	threshold FLOAT NOT NULL, 
	passed BOOLEAN NOT NULL, 
	rules JSON NOT NULL, 
	signals JSON NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE INDEX verdicts_conversation ON verdicts (conversation_id, id)
;
CREATE TABLE ratings (
	turn_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	character TEXT NOT NULL, 
	thumb INTEGER NOT NULL, 
	stars INTEGER, 
	rated_at DATETIME NOT NULL, 
	PRIMARY KEY (turn_id, user_id)
)
;
CREATE INDEX ratings_character_rated ON ratings (character, rated_at)
;
CREATE TABLE performances (
	turn_id TEXT NOT NULL, 
	character TEXT NOT NULL, 
	success BOOLEAN NOT NULL, 
	quality_score FLOAT, 
	attempts INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	happened_at DATETIME NOT NULL, 
	PRIMARY KEY (turn_id)
)
;
CREATE INDEX performances_character_happened ON performances (character, happened_at)
;
CREATE TABLE broken_rules (
	turn_id TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	times INTEGER NOT NULL, 
	PRIMARY KEY (turn_id, rule)
)
;
CREATE TABLE cursors (
	follower TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (follower)
)
;
CREATE TABLE books (
	day DATE NOT NULL, 
	caller TEXT NOT NULL, 
	model TEXT NOT NULL, 
	source TEXT NOT NULL, 
	requests BIGINT NOT NULL, 
	failed BIGINT NOT NULL, 
	left_early BIGINT NOT NULL, 
	calls BIGINT NOT NULL, 
	unpriced BIGINT NOT NULL, 
	prompt_tokens BIGINT NOT NULL, 
	completion_tokens BIGINT NOT NULL, 
	cost BIGINT NOT NULL, 
	saved BIGINT NOT NULL, 
	avoided BIGINT NOT NULL, unvalued BIGINT DEFAULT '0' NOT NULL, uncompared BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (day, caller, model, source)
)
;
CREATE TABLE waits (
	day DATE NOT NULL, 
	caller TEXT NOT NULL, 
	model TEXT NOT NULL, 
	source TEXT NOT NULL, 
	bucket INTEGER NOT NULL, 
	requests BIGINT NOT NULL, 
	PRIMARY KEY (day, caller, model, source, bucket)
)
;
CREATE TABLE keys (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	budget BIGINT, 
	period TEXT NOT NULL, 
	requests_per_minute INTEGER, 
	tokens_per_minute INTEGER, 
	models JSON NOT NULL, 
	shares_cache BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name)
)
;
CREATE TABLE spending (
	key_id TEXT NOT NULL, 
	period TEXT NOT NULL, 
	spent BIGINT NOT NULL, 
	PRIMARY KEY (key_id, period)
)
;
CREATE TABLE similar_prompts (
	"key" TEXT NOT NULL, 
	partition TEXT NOT NULL, 
	embedder TEXT NOT NULL, 
	text TEXT NOT NULL, 
	vector BLOB NOT NULL, 
	kept_at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
)
;
CREATE INDEX similar_prompts_kept ON similar_prompts (kept_at)
;
CREATE TABLE similar_pairs (
	asked TEXT NOT NULL, 
	kept TEXT NOT NULL, 
	embedder TEXT NOT NULL, 
	chance FLOAT NOT NULL, 
	served INTEGER NOT NULL, 
	"right" BOOLEAN, 
	reported BOOLEAN NOT NULL, 
	happened_at DATETIME NOT NULL, 
	PRIMARY KEY (asked, kept)
)
;
CREATE INDEX similar_pairs_happened ON similar_pairs (happened_at)
;
CREATE TABLE quiet_channels (
	channel_id TEXT NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY (channel_id)
)
;
CREATE TABLE coordinator_cursors (
	follower TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (follower)
)
;
CREATE TABLE routed_requests (
	id TEXT NOT NULL, 
	side TEXT NOT NULL, 
	print BLOB NOT NULL, 
	happened_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE INDEX routed_requests_happened ON routed_requests (happened_at)
;
CREATE TABLE routed_outcomes (
	request_id TEXT NOT NULL, 
	side TEXT NOT NULL, 
	source TEXT NOT NULL, 
	good FLOAT NOT NULL, 
	print BLOB NOT NULL, 
	happened_at DATETIME NOT NULL, 
	PRIMARY KEY (request_id, side, source)
)
;
CREATE INDEX routed_outcomes_happened ON routed_outcomes (happened_at)
;
CREATE TABLE routing_weights (
	version INTEGER NOT NULL, 
	weights BLOB NOT NULL, 
	rows INTEGER NOT NULL, 
	held_out FLOAT NOT NULL, 
	held_out_before FLOAT NOT NULL, 
	happened_at DATETIME NOT NULL, 
	PRIMARY KEY (version)
)
;
CREATE INDEX turns_channel_rank ON turns (channel_id, rank)
;
CREATE INDEX turns_message_id ON turns (message_id)
;
CREATE INDEX turns_follows ON turns (follows)
;
CREATE INDEX turns_user ON turns (user_id, position)
;
CREATE INDEX turns_channel_erased ON turns (channel_id, erased_at)
;
CREATE TABLE collections (
	name TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (name), 
	UNIQUE (number)
)
;
CREATE TABLE documents (
	number BIGINT NOT NULL, 
	collection TEXT NOT NULL, 
	id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	source TEXT NOT NULL, 
	url TEXT NOT NULL, 
	licence TEXT NOT NULL, 
	speaker TEXT NOT NULL, 
	restricted BOOLEAN NOT NULL, 
	metadata JSON NOT NULL, 
	content_hash TEXT NOT NULL, 
	chunks INTEGER NOT NULL, 
	fetched_at DATETIME, 
	indexed_at DATETIME NOT NULL, 
	PRIMARY KEY (number)
)
;
CREATE UNIQUE INDEX documents_collection_id ON documents (collection, id)
;
CREATE INDEX documents_collection_number ON documents (collection, number)
;
CREATE TABLE chunks (
	number BIGINT NOT NULL, 
	document BIGINT NOT NULL, 
	collection TEXT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	section TEXT NOT NULL, 
	heading TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (number)
)
;
CREATE INDEX chunks_document ON chunks (document, ordinal)
;
CREATE INDEX chunks_collection ON chunks (collection, number)
;
CREATE TABLE chunk_vectors (
	embedder TEXT NOT NULL, 
	chunk BIGINT NOT NULL, 
	collection TEXT NOT NULL, 
	vector BLOB NOT NULL, 
	PRIMARY KEY (embedder, chunk)
)
;
CREATE INDEX chunk_vectors_chunk ON chunk_vectors (chunk)
;
CREATE TABLE shelves (
	collection TEXT NOT NULL, 
	embedder TEXT NOT NULL, 
	vectors BIGINT NOT NULL, 
	newest BIGINT NOT NULL, 
	PRIMARY KEY (collection, embedder)
)
;
CREATE TABLE document_facts (
	document BIGINT NOT NULL, 
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (document, "key", value)
)
;
CREATE INDEX document_facts_key_value ON document_facts ("key", value)
;
CREATE TABLE document_knowers (
	document BIGINT NOT NULL, 
	character TEXT NOT NULL, 
	PRIMARY KEY (document, character)
)
;
CREATE TABLE library_state (
	one INTEGER NOT NULL, 
	next_number BIGINT NOT NULL, 
	chunks BIGINT NOT NULL, 
	words BIGINT NOT NULL, 
	embedder TEXT NOT NULL, 
	PRIMARY KEY (one)
)
;
CREATE VIRTUAL TABLE chunk_words USING fts5(
        shelf, heading, before, body, tokenize = "unicode61 remove_diacritics 0"
    )
;
CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab(chunk_words, row)
;
CREATE TABLE untold_outcomes (
	decision TEXT NOT NULL, 
	source TEXT NOT NULL, 
	good FLOAT, 
	said_at DATETIME NOT NULL, 
	PRIMARY KEY (decision, source)
)
;
CREATE TABLE routed_comparisons (
	decision TEXT NOT NULL, 
	prompt TEXT NOT NULL, 
	local_model TEXT NOT NULL, 
	cloud_model TEXT NOT NULL, 
	local_answer TEXT NOT NULL, 
	cloud_answer TEXT NOT NULL, 
	local_is_as_good BOOLEAN, 
	happened_at DATETIME NOT NULL, 
	PRIMARY KEY (decision)
)
;
CREATE INDEX routed_comparisons_happened ON routed_comparisons (happened_at)
;
CREATE TABLE discord_posts (
	turn_id TEXT NOT NULL, 
	part INTEGER NOT NULL, 
	channel_id BIGINT NOT NULL, 
	character TEXT NOT NULL, 
	state TEXT NOT NULL, 
	message_id BIGINT, 
	begun_at DATETIME NOT NULL, 
	PRIMARY KEY (turn_id, part)
)
;
CREATE INDEX discord_posts_message ON discord_posts (message_id)
;
CREATE INDEX discord_posts_state ON discord_posts (state)
;
CREATE TABLE discord_cursors (
	door TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (door)
)
;
CREATE TABLE discord_channels (
	door TEXT NOT NULL, 
	channel_id BIGINT NOT NULL, 
	last_message_id BIGINT NOT NULL, 
	PRIMARY KEY (door, channel_id)
)
;
CREATE TABLE discord_commands (
	application_id BIGINT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (application_id)
)
;
CREATE TABLE plans (
	id TEXT NOT NULL, 
	channel_id TEXT NOT NULL, 
	turn_id TEXT, 
	character TEXT NOT NULL, 
	cause JSON NOT NULL, 
	side_by_side BOOLEAN NOT NULL, 
	due_at DATETIME NOT NULL, 
	stale_at DATETIME NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE INDEX plans_state_due ON plans (state, due_at)
;
CREATE INDEX plans_channel_state ON plans (channel_id, state)
;
CREATE TABLE speaker_corrections (
	id TEXT NOT NULL, 
	channel_id TEXT NOT NULL, 
	should TEXT, 
	chosen TEXT, 
	moment JSON NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE INDEX speaker_corrections_made ON speaker_corrections (made_at)
;
CREATE TABLE speaker_weights (
	version TEXT NOT NULL, 
	weights JSON NOT NULL, 
	corrections INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (version)
)
;
CREATE TABLE quality_bars (
	character TEXT NOT NULL, 
	state TEXT NOT NULL, 
	threshold FLOAT NOT NULL, 
	drafts INTEGER NOT NULL, 
	PRIMARY KEY (character, state)
)
;
CREATE TABLE judged_turns (
	turn_id TEXT NOT NULL, 
	character TEXT NOT NULL, 
	log_odds FLOAT, 
	ended_at DATETIME NOT NULL, 
	PRIMARY KEY (turn_id)
)
;
CREATE INDEX judged_turns_ended ON judged_turns (ended_at)
;
CREATE TABLE quality_cursors (
	follower TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (follower)
)
;
CREATE TABLE answers_to_forget (
	"key" TEXT NOT NULL, 
	noted_at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
)
;
CREATE INDEX turns_begun ON turns (begun_at)
;
CREATE TABLE background_tasks (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	payload JSON NOT NULL, 
	priority INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	status TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	interruptions INTEGER NOT NULL, 
	starts INTEGER NOT NULL, 
	run TEXT, 
	worker TEXT NOT NULL, 
	error TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME, 
	started_at DATETIME, 
	finished_at DATETIME, 
	UNIQUE ("key"), 
	UNIQUE (run)
)
;
CREATE INDEX background_tasks_standing ON background_tasks (status, kind, priority, id)
;
CREATE INDEX background_tasks_finished ON background_tasks (finished_at)
;
CREATE TABLE background_workers (
	id TEXT NOT NULL, 
	beats INTEGER NOT NULL, 
	seen_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE VIEW maintenance_queue AS SELECT id, kind AS task_type, payload AS task_data, priority, status, created_at, finished_at AS processed_at, error AS error_message FROM background_tasks
;
CREATE TABLE worlds (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	place BIGINT NOT NULL, 
	sequence BIGINT NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE TABLE world_sessions (
	id TEXT NOT NULL, 
	world_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
)
;
CREATE INDEX world_sessions_world ON world_sessions (world_id)
;
CREATE TABLE world_turns (
	turn_id TEXT NOT NULL, 
	world_id TEXT NOT NULL, 
	channel_id TEXT NOT NULL, 
	rank BIGINT NOT NULL, 
	character TEXT NOT NULL, 
	present JSON, 
	wording TEXT NOT NULL, 
	stands BOOLEAN NOT NULL, 
	read TEXT NOT NULL, 
	out TEXT NOT NULL, 
	PRIMARY KEY (turn_id)
)
;
CREATE INDEX world_turns_world_rank ON world_turns (world_id, rank)
;
CREATE INDEX world_turns_channel_rank ON world_turns (channel_id, rank)
;
CREATE TABLE world_events (
	world_id TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	effect_key TEXT NOT NULL, 
	told JSON NOT NULL, 
	turn_id TEXT NOT NULL, 
	wording TEXT NOT NULL, 
	place BIGINT NOT NULL, 
	ordinal INTEGER NOT NULL, 
	channel_id TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	said_by TEXT NOT NULL, 
	invented BOOLEAN NOT NULL, 
	known_to JSON, 
	private BOOLEAN NOT NULL, 
	made_at DATETIME NOT NULL, 
	revoked_by BIGINT, user_id TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (world_id, number)
)
;
CREATE UNIQUE INDEX world_events_effect ON world_events (effect_key)
;
CREATE INDEX world_events_turn ON world_events (turn_id)
;
CREATE INDEX world_events_channel_place ON world_events (channel_id, place)
;
CREATE TABLE world_proposals (
	effect_key TEXT NOT NULL, 
	turn_id TEXT NOT NULL, 
	change JSON NOT NULL, 
	PRIMARY KEY (effect_key)
)
;
CREATE INDEX world_proposals_turn ON world_proposals (turn_id)
;
CREATE TABLE world_entities (
	world_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	entity JSON NOT NULL, 
	basis TEXT NOT NULL, 
	embedded TEXT DEFAULT '' NOT NULL, shelved JSON, 
	PRIMARY KEY (world_id, id)
)
;
CREATE TABLE world_cursors (
	follower TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (follower)
)
;
CREATE TABLE quotes (
	turn_id TEXT NOT NULL, 
	of_turn TEXT NOT NULL, 
	PRIMARY KEY (turn_id, of_turn)
)
;
CREATE INDEX quotes_of_turn ON quotes (of_turn)
;
CREATE TABLE crawls (
	id TEXT NOT NULL, 
	url TEXT NOT NULL, 
	collection TEXT NOT NULL, 
	kind TEXT, 
	base TEXT NOT NULL, 
	state TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	start INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	listed BOOLEAN NOT NULL, 
	cursor TEXT NOT NULL, 
	max_pages INTEGER NOT NULL, 
	max_depth INTEGER NOT NULL, 
	known_to JSON NOT NULL, 
	every_hours FLOAT, 
	asked INTEGER NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	added INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	unchanged INTEGER NOT NULL, 
	removed INTEGER NOT NULL, 
	ordered_at DATETIME NOT NULL, 
	begun_at DATETIME, 
	ended_at DATETIME, 
	next_at DATETIME, 
	PRIMARY KEY (id)
)
;
CREATE TABLE crawl_pages (
	crawl TEXT NOT NULL, 
	url TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	was TEXT NOT NULL, 
	kept BOOLEAN NOT NULL, 
	round INTEGER NOT NULL, 
	depth INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	shape TEXT NOT NULL, 
	status INTEGER, 
	detail TEXT NOT NULL, 
	title TEXT NOT NULL, 
	etag TEXT NOT NULL, 
	last_modified TEXT NOT NULL, 
	print TEXT NOT NULL, 
	sketch TEXT NOT NULL, 
	same_as TEXT NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	visited_at DATETIME, 
	PRIMARY KEY (crawl, url)
)
;
CREATE INDEX crawl_pages_frontier ON crawl_pages (crawl, state, attempts, depth, number)
;
CREATE INDEX crawl_pages_number ON crawl_pages (crawl, number)
;
CREATE TABLE world_ticks (
	world_id TEXT NOT NULL, 
	ticks INTEGER NOT NULL, 
	turns INTEGER NOT NULL, 
	alone INTEGER NOT NULL, 
	ticked_at DATETIME NOT NULL, 
	PRIMARY KEY (world_id)
)
;
CREATE INDEX documents_restricted ON documents (number) WHERE restricted
;
INSERT INTO greenroom_revision VALUES ('0025_unvalued')
;
INSERT INTO turn_counter VALUES (1, 0)
;
INSERT INTO characters_revision VALUES (1, 0)
;
INSERT INTO library_state VALUES (1, 1, 0, 0, '')
