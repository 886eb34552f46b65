/** Tasks for a worker thread: a name, and a function of data. It knows no thread. */

/** Input and output are copied between threads: plain data, without functions and classes. */
export interface Task<Input, Output> {
  readonly name: string
  /** `note` sends a note to the caller before the task ends, even if the task fails later. */
  readonly run: (input: Input, note: (noted: unknown) => void) => Output | Promise<Output>
}

// oxlint-disable-next-line typescript/no-explicit-any -- a task of any input and output
export type AnyTask = Task<any, any>

/** Declares a task. It counts once `server/src/worker.ts` lists it. */
export function task<Input, Output>(definition: Task<Input, Output>): Task<Input, Output> {
  return definition
}

/** A message of the main thread, sent once the thread is ready. */
export interface Asked {
  readonly name: string
  readonly input: unknown
}

/** A message of the thread: first that it is ready, then each note of a task and how the task ended. */
export type Told =
  | { readonly type: 'ready' }
  | { readonly type: 'noted'; readonly noted: unknown }
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'refused'; readonly code: string; readonly message: string; readonly hint: string | undefined }
  | { readonly type: 'failed'; readonly error: unknown }
