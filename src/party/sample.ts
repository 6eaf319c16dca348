import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the sample partner listens: on this machine only. */
export function samplePartnerOrigin(port: number): string {
  return `http://127.0.0.1:${port}`
}

/** Where the sample partner finds the secret that its route was given. */
export function samplePartnerFile(dataDir: string): string {
  return join(dataDir, 'sample-partner.json')
}

/** Whether the sample data was ever filled in here; real partners alone have no such file. */
export function hasSamplePartner(dataDir: string): boolean {
  return existsSync(samplePartnerFile(dataDir))
}
