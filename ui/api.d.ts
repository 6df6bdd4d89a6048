// Written by `python -m shell.api_types` from shell/api.py; a test fails when it is stale.

export interface NothingRequest {
}

export interface SearchRequest {
  text: string;
  limit?: number;
  after?: string;
}

export interface OfSeriesRequest {
  series: string;
}

export interface ThumbnailsRequest {
  series: string[];
}

export interface OpenRequest {
  series: string;
  stack?: number | null;
  resume?: boolean;
}

export interface ChooseRequest {
  door: "import" | "other" | "visit";
}

export interface ThroughRequest {
  handle: string;
}

export interface OfJobRequest {
  job: string;
}

export interface TagRequest {
  study: string;
  add?: string[];
  remove?: string[];
}

export interface NoteRequest {
  study: string;
  text: string;
}

export interface ForgetRequest {
  level: "series" | "study" | "patient";
  key: string;
}

export interface CommandRequest {
  command: string;
  argument?: string | number | number[] | null;
}

export interface SetRequest {
  name: string;
  value: string;
}

export interface QuitRequest {
  sure: boolean;
}

export interface Verdict {
  code: string;
  sentence: string;
  facts: Record<string, any>;
}

export interface Series {
  key: string;
  series_uid: string;
  number: number | null;
  modality: string;
  description: string;
  body_part: string;
  protocol: string;
  manufacturer: string;
  model: string;
  station: string;
  rows: number | null;
  columns: number | null;
  instances: number;
  frames: number;
  bytes: number;
  kind: string;
  verdict: Verdict | null;
  state: string;
  stacks: number;
  about: string;
  only_on_removable: boolean;
}

export interface Patient {
  key: string;
  name: string;
  names: string[];
  patient_id: string;
  issuer: string;
  birth_date: string;
  sex: string;
}

export interface Study {
  key: string;
  study_uid: string;
  date: string;
  time: string;
  description: string;
  accession: string;
  study_id: string;
  institution: string;
  referring_physician: string;
  performing_physician: string;
  operators: string;
  modalities: string[];
  instances: number;
  bytes: number;
  state: string;
  tags: string[];
  note: string;
  patient: Patient;
  series: Series[];
  only_on_removable: boolean;
}

export interface Found {
  query: string[];
  total: number;
  studies: Study[];
  seconds: number;
}

export interface Totals {
  patients: number;
  studies: number;
  series: number;
  instances: number;
  files: number;
  bytes: number;
}

export interface Fault {
  code: string;
  sentence: string;
  hint: string;
}

export interface Opened {
  series_key: string;
  at: string;
  view: Record<string, any> | null;
  study: Study;
  series: Series;
}

export interface Chosen {
  handle: string;
  count: number;
  names: string[];
}

export interface NamedFile {
  path: string;
  code: string;
  sentence: string;
}

export interface Receipt {
  files: Record<string, number>;
  added: Totals;
  totals: Totals;
  skipped: NamedFile[];
  unreadable: NamedFile[];
  conflicts: Record<string, any>[];
  notices: string[];
  seconds: number;
}

export interface Job {
  job: string;
  kind: "import" | "visit" | "sample";
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  names: string[];
  found: number;
  done: number;
  files_per_s: number;
  left_s: number | null;
  receipt: Receipt | null;
  error: Fault | null;
}

export interface Visit {
  names: string[];
  handle: string;
}

export interface Viewer {
  status: "none" | "opening" | "shown" | "closed" | "died" | "failed";
  series: string;
  words: string;
  sentence: string;
  facts: Record<string, any>;
  done: number;
  total: number;
  damaged: number;
  error: Fault | null;
}

export interface ViewerCommand {
  id: string;
  group: string;
  keys: string[];
  argument: string;
  choices: string[];
}

export interface Start {
  version: string;
  language: string;
  texts: Record<string, string>;
  settings: Record<string, any>;
  totals: Totals;
  recent: Opened[];
  visit: Visit | null;
  jobs: Job[];
  viewer: Viewer;
  commands: ViewerCommand[];
  notices: string[];
  sockets_closed: boolean;
  error: Fault | null;
}

export interface Thumbs {
  thumbnails: Record<string, string | null>;
}

export interface Started {
  job: string;
}

export interface Done {
  done: boolean;
}

export interface Forgotten {
  level: string;
  forgotten: number;
}

export interface Undone {
  kind: string;
  count: number;
}

export interface Told {
  language: string;
  texts: Record<string, string>;
  settings: Record<string, any>;
}

export interface Info {
  series: Series | null;
  about: string;
  notices: string[];
  stacks: Record<string, any>[];
  left_out: Record<string, any>[];
}

export interface Dropped {
  chosen: Chosen;
  x: number;
  y: number;
}

export interface Leaving {
  jobs: number;
}

export interface Calls {
  start: { request: NothingRequest; reply: Start };
  listening: { request: NothingRequest; reply: Done };
  search: { request: SearchRequest; reply: Found };
  info: { request: OfSeriesRequest; reply: Info };
  thumbnails: { request: ThumbnailsRequest; reply: Thumbs };
  open: { request: OpenRequest; reply: Done };
  choose: { request: ChooseRequest; reply: Chosen };
  import: { request: ThroughRequest; reply: Started };
  open_other: { request: ThroughRequest; reply: Done };
  visit: { request: ThroughRequest; reply: Started };
  end_visit: { request: NothingRequest; reply: Done };
  sample: { request: NothingRequest; reply: Started };
  cancel: { request: OfJobRequest; reply: Done };
  tag: { request: TagRequest; reply: Study };
  note: { request: NoteRequest; reply: Study };
  forget: { request: ForgetRequest; reply: Forgotten };
  undo: { request: NothingRequest; reply: Undone };
  viewer: { request: CommandRequest; reply: Done };
  reopen_viewer: { request: NothingRequest; reply: Done };
  set: { request: SetRequest; reply: Told };
  quit: { request: QuitRequest; reply: Done };
}

export interface Events {
  job: Job;
  viewer: Viewer;
  visit: Visit | null;
  dropped: Dropped;
  leaving: Leaving;
  changed: Totals;
}
