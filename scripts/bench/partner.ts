import type { Heard } from './programs/hearing.ts'
import { startProgram } from './started.ts'

export type Partner = {
  url: string
  /** What it heard, once so many different messages came since it last forgot. */
  hearing(count: number): Promise<Heard>
  forget(): void
}

type Work<T> = (partner: Partner) => Promise<T>

/** Works with a partner that runs as a process of its own. */
export const withPartner = <T>(work: Work<T>) => hearingIn('./programs/partner.ts', work)

/** Works with a mail server that runs as a process of its own, and hears what partners would. */
export const withMailServer = <T>(work: Work<T>) => hearingIn('./programs/mail-server.ts', work)

async function hearingIn<T>(file: string, work: Work<T>): Promise<T> {
  const program = startProgram(file)
  try {
    const url = await program.answer<string>()
    return await work({
      url,
      hearing(count) {
        const heard = program.answer<Heard>()
        program.tell(count)
        return heard
      },
      forget: () => program.tell(0),
    })
  } finally {
    await program.stop()
  }
}
