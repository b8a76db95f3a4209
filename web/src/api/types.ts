// What the daemon says, in protobuf's JSON mapping: fields that have their default are left out, 64-bit numbers are texts.

export type Timestamp = string;
export type Count = string | number;

export type FutureState =
  | 'FUTURE_STATE_PENDING'
  | 'FUTURE_STATE_RUNNING'
  | 'FUTURE_STATE_SUCCEEDED'
  | 'FUTURE_STATE_FAILED'
  | 'FUTURE_STATE_CANCELLED';

export interface Value {
  nullValue?: null;
  boolValue?: boolean;
  intValue?: Count;
  uintValue?: Count;
  doubleValue?: number | string;
  stringValue?: string;
  bytesValue?: string;
  listValue?: { items?: Value[] };
  mapValue?: { entries?: Record<string, Value> };
  messageValue?: Record<string, unknown>;
  opaqueValue?: { codec?: string; data?: string };
}

export interface Arguments {
  positional?: Value[];
  keyword?: Record<string, Value>;
}

export interface TaskError {
  origin?: string;
  type?: string;
  message?: string;
  traceback?: string;
  cause?: TaskError;
  attempt?: number;
  worker?: string;
}

export interface Outcome {
  value?: Value;
  error?: TaskError;
  cancelled?: Record<string, never>;
}

export interface Progress {
  fraction?: number;
  message?: string;
  reportTime?: Timestamp;
}

export interface Future {
  id: string;
  state: FutureState;
  function?: string;
  executor?: string;
  attempt?: number;
  submitTime?: Timestamp;
  startTime?: Timestamp;
  finishTime?: Timestamp;
  expireTime?: Timestamp;
  argumentsSize?: Count;
  valueSize?: Count;
  outcome?: Outcome;
  progress?: Progress;
  maxAttempts?: number;
  dueTime?: Timestamp;
  failTime?: Timestamp;
  priority?: number;
  labels?: Record<string, string>;
  lastError?: TaskError;
  atMostOnce?: boolean;
  ephemeral?: boolean;
  options?: { timeout?: string; retention?: string; traceparent?: string };
  logLines?: Count;
  logLinesDropped?: Count;
  // Where asked for, and still kept.
  arguments?: Arguments;
}

export interface ListRequest {
  pageSize: number;
  pageToken?: string;
  states?: FutureState[];
  function?: string;
  executor?: string;
  labels?: Record<string, string>;
  newestFirst?: boolean;
}

export interface ListResponse {
  futures?: Future[];
  nextPageToken?: string;
}

export type CancelMode = 'CANCEL_MODE_PENDING' | 'CANCEL_MODE_COOPERATIVE' | 'CANCEL_MODE_FORCE';

export interface CancelResponse {
  effects?: string[];
}

export interface ForgetResponse {
  forgotten?: string[];
  unfinished?: string[];
}

export interface LogLine {
  number: Count;
  attempt?: number;
  time?: Timestamp;
  kind?: string;
  text?: string;
}

export interface FutureNews {
  id: string;
  state?: FutureState;
  attempt?: number;
  progress?: Progress;
  lines?: LogLine[];
  position?: string;
  lastLine?: Count;
}

export interface WatchResponse {
  news?: FutureNews[];
}

export type ExecutorState = 'EXECUTOR_STATE_ACTIVE' | 'EXECUTOR_STATE_PAUSED' | 'EXECUTOR_STATE_DRAINING';

export interface WorkerProcess {
  name: string;
  pid?: Count;
  state?: string;
  tasks?: Count;
  startTime?: Timestamp;
}

export interface Executor {
  name: string;
  kind: string;
  state: ExecutorState;
  maxWorkers?: number;
  maxCoroutines?: number;
  pending?: Count;
  running?: Count;
  succeeded?: Count;
  failed?: Count;
  cancelled?: Count;
  functions?: { name: string; signature?: string }[];
  workers?: WorkerProcess[];
  sandbox?: string;
}
