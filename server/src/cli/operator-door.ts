/**
 * The operator's door to a running server: a socket in the data directory, so that a command needs no stop. It runs the
 * same commands as the command line does without a server.
 *
 * 1. The file system decides who may open it: the user of the server, who may read and change everything anyway. The
 *    data directory is accessible to that user only, from before the socket exists.
 * 2. It takes one small task at a time, and only those of `operator-tasks.ts`.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { z } from 'zod'
import { isErrorCode, Refusal } from '@rejoin/shared/errors.ts'
import type { App } from '../app.ts'
import { OperatorTask, perform } from './operator-tasks.ts'

const FILE = 'rejoin.sock'
/** The longest socket path on Linux. */
const MAX_PATH_BYTES = 107
const MAX_TASK_BYTES = 4096
const PATIENCE_MS = 30_000

const Answer = z.union([
  z.object({ text: z.string() }),
  z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
])
type Answer = z.output<typeof Answer>

/** Null if the path of the data directory is too long for a socket: commands then need the server stopped. */
function socketOf(dataDir: string): string | null {
  const path = join(dataDir, FILE)
  return Buffer.byteLength(path) > MAX_PATH_BYTES ? null : path
}

/**
 * Resolves with a function that closes the door. The lock of the data directory is held, so an existing socket is left
 * from a killed server.
 */
export async function openOperatorDoor(app: App): Promise<() => Promise<void>> {
  const path = socketOf(app.config.dataDir)
  if (path === null) {
    app.log.warn({ bytes: MAX_PATH_BYTES }, 'the path of the data directory is too long for the operator socket')
    return async () => {}
  }
  rmSync(path, { force: true })
  const server = createServer({ headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS }, (asked, response) => {
    void answerTo(app, asked).then((answer) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answer))
    })
  })
  try {
    await listening(server, path)
    chmodSync(path, 0o600)
  } catch (error) {
    // Some file systems have no sockets: the server runs all the same.
    app.log.warn({ err: error }, 'cannot create the operator socket: "rejoin user" needs the server stopped')
    server.close()
    return async () => {}
  }
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path }, () => resolve())
  })
}

async function answerTo(app: App, asked: IncomingMessage): Promise<Answer> {
  try {
    return { text: await perform(app, await taskIn(asked)) }
  } catch (error) {
    if (!(error instanceof Refusal)) app.log.error({ err: error }, 'an operator task failed')
    const { code, message, hint } =
      error instanceof Refusal
        ? error
        : new Refusal('internal', 'The server failed to run this task.', 'See the log of the server.')
    return { code, message, ...(hint !== undefined && { hint }) }
  }
}

async function taskIn(asked: IncomingMessage): Promise<OperatorTask> {
  const length = Number(asked.headers['content-length'])
  if (!(length <= MAX_TASK_BYTES)) {
    // A client that is still writing would not read the answer.
    await finished(asked.resume())
    throw new Refusal('too-large', `The task has ${length} bytes; at most ${MAX_TASK_BYTES} are accepted.`)
  }
  const parsed = OperatorTask.safeParse(JSON.parse(await text(asked)))
  if (parsed.success) return parsed.data
  throw new Refusal(
    'invalid',
    'The running server does not know this task.',
    'Use the same version of rejoin as the server.',
  )
}

/** Runs the task in the running server; null if none runs on the data directory. Throws the server's refusal. */
export async function askServer(dataDir: string, task: OperatorTask): Promise<string | null> {
  const path = socketOf(dataDir)
  const said = path === null ? null : await exchange(path, JSON.stringify(task))
  if (said === null) return null
  const answer = Answer.parse(JSON.parse(said))
  if ('text' in answer) return answer.text
  throw new Refusal(isErrorCode(answer.code) ? answer.code : 'internal', answer.message, answer.hint)
}

function exchange(socketPath: string, task: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(task) }
    const asking = request({
      socketPath,
      method: 'POST',
      headers,
      agent: false,
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    asking.on('response', (response) => void text(response).then(resolve, reject))
    asking.on('error', (error: NodeJS.ErrnoException) => {
      // No server, or one that was killed and left its socket behind.
      if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'].includes(error.code ?? '')) resolve(null)
      else
        reject(
          new Refusal(
            'unavailable',
            `The running server did not answer: ${error.message}.`,
            'See the log of the server.',
          ),
        )
    })
    asking.end(task)
  })
}
