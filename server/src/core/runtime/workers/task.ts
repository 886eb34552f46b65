/** What a worker thread may be asked to do: a name, and a function of data. It knows no thread. */

/** Input and output are copied between threads: plain data, without functions and classes. */
export interface Task<Input, Output> {
  readonly name: string
  /** `note` tells something to who asked, before the end and however that is. */
  readonly run: (input: Input, note: (noted: unknown) => void) => Output | Promise<Output>
}

// oxlint-disable-next-line typescript/no-explicit-any -- a task of any input and output
export type AnyTask = Task<any, any>

/** Declares a task. It counts once `server/src/worker.ts` lists it. */
export function task<Input, Output>(definition: Task<Input, Output>): Task<Input, Output> {
  return definition
}

/** What the main thread sends, once the thread is ready. */
export interface Asked {
  readonly name: string
  readonly input: unknown
}

/** What the thread sends: first that it is ready, then what each task noted and how it ended. */
export type Told =
  | { readonly type: 'ready' }
  | { readonly type: 'noted'; readonly noted: unknown }
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'refused'; readonly code: string; readonly message: string; readonly hint: string | undefined }
  | { readonly type: 'failed'; readonly error: unknown }
