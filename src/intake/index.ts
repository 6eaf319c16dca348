export { bankSettings, banks, openBanks } from './banks.ts'
export { createIntake } from './intake.ts'
export { intakeDoors } from './routes.ts'
export { idempotencyKeys } from './schema.ts'
