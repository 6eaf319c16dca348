/** A thread that copies SQLite's write-ahead log into the file when it is told to. */
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { CheckpointAnswer, CheckpointOrder } from './checkpoints.ts'

const connection = new Database(workerData as string, { fileMustExist: true, timeout: 0 })
connection.pragma('synchronous = FULL')

/** PASSIVE: nobody waits. The second copies what came during the first, so that little is left. */
function copied(): CheckpointAnswer {
  try {
    connection.pragma('wal_checkpoint(PASSIVE)')
    connection.pragma('wal_checkpoint(PASSIVE)')
    return 'copied'
  } catch {
    // The log stays as it is, as after a failure of SQLite's own.
    return 'failed'
  }
}

parentPort?.on('message', (order: CheckpointOrder) => {
  if (order === 'copy') parentPort?.postMessage(copied())
  else {
    connection.close()
    parentPort?.close()
  }
})
