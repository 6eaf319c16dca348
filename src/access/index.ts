export { createKeys, revokeKeysOf, viewKey } from './keys.ts'
export { apiKeys } from './schema.ts'
