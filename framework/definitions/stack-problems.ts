/**
 * The codes of what goes wrong on a machine or with a stack at work: tools, services, the store, the engine, data, trainings. Sorted by
 * code.
 * @module
 */
import type { CatalogueEntry } from "./problem-catalogue.ts";

export const stackProblems = {
  "cache-unusable": {
    means: "The user's cache of tools cannot be read or written.",
    fix: "make the cache's folder writable by you, or set STEWARD_CACHE to a folder that is",
  },
  "candidate-unknown": {
    means: "A decision names a candidate that does not wait.",
    fix: "look with npx steward status which candidate waits, and decide on that one",
  },
  "category-too-wide": {
    means: "A category has more values in the training rows than a model can take.",
    fix: "leave the category out, group its rare values in the source, or use a number made from it",
  },
  "checkout-refused": {
    means: "A version of a dataset cannot be written to the folder that was named.",
    fix: "name a folder that does not exist yet, or an empty one",
  },
  "client-out-of-date": {
    means: "A written client, or an OpenAPI document, is not what the definitions of its endpoint say.",
    fix: "run npx steward client again without --check, and commit what it wrote",
  },
  "collection-refused": {
    means: "It cannot be said for certain which objects of the store nothing needs any more, so none is removed.",
    fix: "do what the message says, and run npx steward data gc again",
  },
  "command-misused": {
    means: "A command was given words that it does not take.",
    fix: "see npx steward <command> --help",
  },
  "contract-broken": {
    means: "A source breaks the contract of its dataset: in more rows than it tolerates, or as a whole.",
    fix: 'mend the source; or change the schema where it is too strict, or "tolerance" of the contract',
  },
  "cursor-invalid": {
    means: "The cursor of a source is no column by which its new rows can be found.",
    fix: "name a column of numbers or times that is larger in every row that is added, and never null",
  },
  "database-missing": {
    means:
      "A stack keeps a database of its own, and no package with PostgreSQL's programs is installed for this platform.",
    fix: "install with optional dependencies, or set steward:tracking to the address of a PostgreSQL server",
  },
  "database-refused": {
    means: "The data of a stack's database cannot be made.",
    fix: "see the message; the folder must be writable, and as root the program setpriv of util-linux be on the PATH",
  },
  "database-taken": {
    means: "A database tracks the experiments of another stack.",
    fix: "give each stack a database of its own: another one of the same PostgreSQL server will do",
  },
  "derivation-failed": {
    means: "The program of a derivation's step ended badly, or left no rows.",
    fix: "mend the program by what it printed",
  },
  "derivation-unfit": {
    means: "A step of a derivation finds no value to fit what it does by, since a column has none.",
    fix: "fill the column with a constant, or leave it out of the step",
  },
  "destroy-refused": {
    means: "A destroy would take away endpoints that still serve.",
    fix: "say what becomes of the endpoints: npx steward destroy --retire, or --abandon",
  },
  "destroy-word-unknown": {
    means: "STEWARD_DESTROY has a word that is neither retire nor abandon.",
    fix: "use npx steward destroy --retire or --abandon, which set it",
  },
  "disk-full": {
    means: "There is no room to write what has to be written.",
    fix: "free some room, then run it again: nothing half-written was kept, and it goes on from there",
  },
  "endpoint-not-serving": {
    means: "An endpoint does not answer.",
    fix: "see npx steward status for whether the stack is up and the model released",
  },
  "engine-unreachable": {
    means: "Temporal does not answer.",
    fix: "bring the stack up with npx pulumi up; npx steward doctor says what is missing",
  },
  "entity-owned-by-another-stack": {
    means: "An entity workflow is owned by another stack.",
    fix: "rename the project or the definition, or remove it from the stack that owns it first",
  },
  "entity-refused": {
    means: "An entity workflow refused a message.",
    fix: "look at npx steward status for what the entity does now, and send what fits",
  },
  "entity-silent": {
    means: "An entity workflow did not answer in time; its worker may be down.",
    fix: "see whether the worker runs: npx steward status, then its log in the stack's folder",
  },
  "entity-unknown": {
    means: "There is no such entity workflow.",
    fix: "mend the name, or bring it up with npx pulumi up first",
  },
  "environment-failed": {
    means: "The Python environment of a training job cannot be built.",
    fix: "mend the lock file of the trainer, or see that the package index can be reached",
  },
  "environment-variable-invalid": {
    means: "An environment variable of a program is missing or is not what the program needs.",
    fix: "set the variable to what is expected",
  },
  "experiment-missing": {
    means: "An endpoint was asked about an experiment, and declares none.",
    fix: 'declare one in "experiment" of the endpoint, or name another endpoint',
  },
  "features-disagree": {
    means: "A feature would be computed otherwise for a request than it was for the training set.",
    fix: "report it to Steward with this message; until then leave the operator out that the two compute otherwise",
  },
  "file-damaged": {
    means: "A file that Steward wrote holds something else now.",
    fix: "do what the message says to have it made anew",
  },
  "folder-read-only": {
    means: "A folder that has to be written to cannot be.",
    fix: "work in a copy of the project that you may write to, or set STEWARD_CACHE to a folder that you may",
  },
  "format-newer": {
    means: "A newer Steward wrote this, in a format that this one does not know.",
    fix: "install the Steward that wrote it, or a later one",
  },
  "format-unknown": {
    means: "Something that Steward keeps does not say the format that it has, or says another one.",
    fix: "find out who wrote there; nothing but Steward may",
  },
  internal: {
    means: "Something happened that the code does not expect; this is a defect of Steward.",
    fix: "report it with the text above, the versions of Steward and Node, and what was done",
  },
  "lineage-not-taken": {
    means: "A server of lineage has not taken an event, or does not answer.",
    fix: "see that the server runs and takes OpenLineage at that address, and send the events again",
  },
  "lock-invalid": {
    means: "A file of locked requirements does not say which bytes to install.",
    fix: "write the file with uv pip compile --generate-hashes",
  },
  "model-not-live": {
    means: "A model has no version of the kind that was asked for.",
    fix: "see npx steward status for what is in production, and what waits",
  },
  "model-refused": {
    means: "A model file did not pass admission.",
    fix: "export the model as ONNX with the operators that admission allows",
  },
  "object-corrupt": {
    means: "An object in the store holds other bytes than its name says.",
    fix: "restore the object from a copy, or remove it: what made it makes it again",
  },
  "object-missing": {
    means: "An object that something refers to is not in the store.",
    fix: "restore the object from a copy, or apply again: what made it makes it again",
  },
  "online-row-absent": {
    means:
      "The online store has no row of the entity that a request names, and the features are declared not to do without.",
    fix: "materialise the features again, or declare what is served for an entity that has no row",
  },
  "online-row-damaged": {
    means: "A row of the online store is shorter than what it says it holds.",
    fix: "materialise the features again, which writes every row anew",
  },
  "online-row-invalid": {
    means: "A value cannot be put into the online store.",
    fix: "change the feature so that it has a finite number, a boolean or a text of well-formed Unicode",
  },
  "online-row-stale": {
    means: "The rows of the online store are older than the features are declared to be served at.",
    fix: "see why the features were not materialised since, and materialise them; or allow a greater age",
  },
  "online-store-failed": {
    means: "The online store could not do what was asked.",
    fix: "do it again; if it fails again, read the log of the store's server, or look at the room on the disk",
  },
  "online-store-refused": {
    means: "The online store refuses the credentials.",
    fix: "correct the user and the password in the address of the store",
  },
  "online-store-unreachable": {
    means: "The online store does not answer.",
    fix: "check the address of the store, and that its server runs and can be reached from here",
  },
  "online-table-superseded": {
    means: "A table of the online store was begun anew, or dropped, while it was being written.",
    fix: "leave the later one to end; one writer at a time suffices for a table",
  },
  "online-table-unfit": {
    means: "Rows cannot be added to a table of the online store: it is not there, or has another layout.",
    fix: "write the whole table: a replacement is switched to when it is complete",
  },
  "pip-missing": {
    means: "No Python on PATH has pip, with which tools are installed from wheels.",
    fix: "install pip for a Python on PATH: python3 -m ensurepip, or the package python3-pip",
  },
  "platform-unsupported": {
    means: "The servers of the local platform cannot be built for this kind of machine.",
    fix: "use Linux or macOS on x64 or arm64",
  },
  "port-taken": {
    means: "A service cannot start, since another program listens on its port.",
    fix: "stop that program and run npx pulumi up again, or have the stack choose other ports",
  },
  "prediction-refused": {
    means: "A model server refused a request.",
    fix: "send what the model takes: GET /v2/models/<model> says it",
  },
  "prediction-unfit": {
    means: "A model answers test rows with something that its task does not allow.",
    fix: "mend the trainer, so that its model answers with what its task allows",
  },
  "preprocessing-unfit": {
    means: "Preprocessing that is fitted on the training rows finds nothing there that it could be fitted on.",
    fix: "leave the preprocessing out, or give the feature a value in some training rows",
  },
  "python-missing": {
    means: "No Python on PATH is new enough.",
    fix: "install Python 3.11 or newer, and see that it is on PATH",
  },
  "query-invalid": {
    means: "A database does not run the query of a source.",
    fix: "correct the query: one SELECT that reads, and writes nothing",
  },
  "readmission-refused": {
    means: "A row cannot be taken back out of quarantine, or a decision on one cannot be taken back.",
    fix: "do what the message says; npx steward data quarantine <dataset> shows the rows and what they hold",
  },
  "ref-fenced": {
    means: "A ref was moved by a newer generation; the older mover has lost its turn.",
    fix: "look at npx steward status: a newer release has taken its place",
  },
  "registry-unreachable": {
    means: "A registry, from which packages or tools are fetched, does not answer.",
    fix: "check the network and the settings of your mirror or proxy, then run it again: what was fetched is kept",
  },
  "resource-type-unknown": {
    means: "The provider has no such type of resource.",
    fix: "use the provider of the same version as the program",
  },
  "sampler-failed": {
    means: "The program that suggests the parameters of a study's trials failed.",
    fix: "see what it says; no trial is lost, and the study goes on from its record when it is tried again",
  },
  "service-invalid": {
    means: "The description of a service does not have the shape it must have.",
    fix: "change the service's description to what is expected",
  },
  "service-not-ready": {
    means: "A service did not become ready, or is stopped.",
    fix: "read the service's log in the stack's folder, mend what it says and bring the stack up again",
  },
  "service-order-circle": {
    means: "Services wait for each other, so that none of them can start.",
    fix: "let one of the services not wait for the others",
  },
  "service-preflight-failed": {
    means: "The check that a changed service must pass before it replaces the running one failed.",
    fix: "mend what the check says, and bring the stack up again; the old service runs on",
  },
  "service-unknown": {
    means: "No service of this name is declared.",
    fix: "name a service that the stack has: npx steward status lists them",
  },
  "settings-invalid": {
    means: "A setting of a stack is missing, not known or not right.",
    fix: "change the setting with npx pulumi config set",
  },
  "source-changed": {
    means: "A source has other bytes than those whose digest was taken.",
    fix: "apply again: the new bytes become a new version",
  },
  "source-column-type": {
    means: "A column of a source has a type that the schema's type cannot be read from.",
    fix: "change the schema to the type of the column, or write the column in the type of the schema",
  },
  "source-columns-frozen": {
    means: "A source has columns that the dataset's schema lacks, and its contract freezes them.",
    fix: 'add the columns to the schema, take them out of the source, or take "freeze" out of the contract',
  },
  "source-columns-missing": {
    means: "A source lacks columns that the dataset's schema has.",
    fix: "add the columns to the source, or take them out of the schema",
  },
  "source-empty": {
    means: "A source has no row that can be kept.",
    fix: "see that the source has rows, and that the contract does not quarantine them all",
  },
  "source-refused": {
    means: "The server of a source refuses what is asked of it: the credentials, their rights, or the request.",
    fix: "check the stack's inputs that the source needs, what they may read, and the address of the source",
  },
  "source-unreachable": {
    means: "The server of a source does not answer, fails, or breaks off its answer.",
    fix: "check the address of the source, and that its server runs and can be reached from the worker",
  },
  "source-unreadable": {
    means: "The file of a source is not of the format that the dataset says.",
    fix: "write the file anew, or name the format that it has: parquet, arrow, csv or json",
  },
  "stack-invalid": {
    means: "A stack file lacks what Steward reads from it.",
    fix: "write the stack's file with npx pulumi config set",
  },
  "stack-not-up": {
    means: "A stack has not been brought up.",
    fix: "bring the stack up with npx pulumi up -s <stack>",
  },
  "stack-unknown": {
    means: "There is no such stack.",
    fix: "name another with --stack, or write its file",
  },
  "store-bucket-missing": {
    means: "A bucket of the object store has not been made.",
    fix: "bring the stack up with npx pulumi up, which makes its buckets",
  },
  "store-bucket-unlocked": {
    means: "The bucket for exported histories exists without object lock.",
    fix: "use another bucket name: a lock can only be set when a bucket is made",
  },
  "store-document-invalid": {
    means: "A document in the store does not have the shape that its reader asks for.",
    fix: "use the version of Steward that wrote the document, or restore it from a copy",
  },
  "store-failed": {
    means: "The object store could not do what was asked.",
    fix: "apply again; if it fails again, read the store's log in the stack's folder",
  },
  "store-history-differs": {
    means: "A history was exported before with other bytes.",
    fix: "keep both and find out who wrote the first: a closed history never changes",
  },
  "store-name-invalid": {
    means: "A name in the store has a form that the store does not allow.",
    fix: "use a name of the form that is expected",
  },
  "store-refused": {
    means: "The object store refuses the credentials.",
    fix: "bring the stack up again, which writes the credentials that the store takes",
  },
  "store-unreachable": {
    means: "The object store does not answer.",
    fix: "bring the stack up with npx pulumi up; npx steward status says what runs",
  },
  "study-failed": {
    means: "A study came to nothing: too many of its trials failed, or none was completed.",
    fix: "mend the trainer, narrow the space, or let more trials fail; a change of any of them begins a new study",
  },
  "supervisor-folder-unsafe": {
    means: "The folder for the sockets of supervisors can be entered by other users.",
    fix: "make the folder yours alone with chmod 700, or remove it",
  },
  "supervisor-unreachable": {
    means: "The supervisor of a stack did not start, does not answer, or is ending.",
    fix: "bring the stack up again; if it fails again, read the supervisor's log in the stack's folder",
  },
  "test-split-damaged": {
    means: "The test rows of a training set are not the ones that it declares.",
    fix: "apply again: the training set is built anew when its files are not whole",
  },
  "tool-not-made": {
    means: "A tool of the local platform could not be built or installed.",
    fix: "read the end of the log that the message names, mend it and try again; npx steward doctor says what is missing",
  },
  "trainer-changed": {
    means: "A file of a trainer, or of the program of a step, changed while it was being deployed.",
    fix: "apply again, and leave the files alone until it has ended",
  },
  "trainer-invalid": {
    means: "The files of a trainer cannot be laid out for a job.",
    fix: "rename or move the files that the message names",
  },
  "training-failed": {
    means: "The program of a training job ended with a failure.",
    fix: "read what the program printed, mend it and apply again",
  },
  "training-out-of-memory": {
    means: "The program of a training job used more memory than it may.",
    fix: 'give the job more with "resources", or let the trainer use less',
  },
  "training-without-model": {
    means: "The program of a training job ended well and left no model.",
    fix: "let the trainer write its model where the job says",
  },
  "version-unknown": {
    means: "A dataset has no version of the number or the root that was named.",
    fix: "name one that npx steward data log <dataset> lists",
  },
} as const satisfies Record<string, CatalogueEntry>;
