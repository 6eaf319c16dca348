export { createKeys, type Keys, revokeKeysOf, viewKey } from './keys.ts'
export { apiKeys } from './schema.ts'
