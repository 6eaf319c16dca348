export { createKeys, type Keys, viewKey } from './keys.ts'
export { apiKeys } from './schema.ts'
