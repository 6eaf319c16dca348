export { type BackedUp, backUp } from './backup.ts'
export { type Copied, copyTo } from './copy.ts'
export { restore } from './restore.ts'
export { ownTools } from './server-tools.ts'
