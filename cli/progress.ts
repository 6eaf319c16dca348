/** What a person sees while a command works: one line that is written over and then goes away. */
export type Progress = { step(doing: string): void; end(): void }

/** On a pipe nothing is written over, so nothing is said there but what was done. */
export function createProgress(): Progress {
  const { stderr } = process
  if (!stderr.isTTY) return { step() {}, end() {} }
  return {
    step: (doing) => void stderr.write(`\r\u001b[K${doing} …`),
    end: () => void stderr.write('\r\u001b[K'),
  }
}
