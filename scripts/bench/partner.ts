import type { Heard } from './programs/partner.ts'
import { startProgram } from './started.ts'

export type Partner = {
  url: string
  /** What it heard, once so many different webhooks came since it last forgot. */
  hearing(count: number): Promise<Heard>
  forget(): void
}

/** Works with a partner that runs as a process of its own. */
export async function withPartner<T>(work: (partner: Partner) => Promise<T>): Promise<T> {
  const program = startProgram('./programs/partner.ts')
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
