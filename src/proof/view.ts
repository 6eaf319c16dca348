import { z } from 'zod'
import { toIso } from '../platform/clock.ts'
import { outcomes, type Proof } from './proof.ts'

export const proofJson = z
  .object({
    id: z.string(),
    bank: z.string(),
    proof_key: z.string(),
    outcome: z.enum(outcomes),
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.unknown()).describe('credentials are masked'),
    sha256: z.string(),
    size: z.number().int(),
    remote_address: z.string(),
    received_date: z.iso.datetime(),
  })
  .meta({ id: 'Proof' })

export function viewProof(proof: Proof) {
  return {
    id: proof.id,
    bank: proof.bank,
    proof_key: proof.proofKey,
    outcome: proof.outcome,
    method: proof.method,
    path: proof.path,
    headers: JSON.parse(proof.headers) as Record<string, unknown>,
    sha256: proof.sha256,
    size: proof.size,
    remote_address: proof.remoteAddress,
    received_date: toIso(proof.receivedDate),
  }
}
