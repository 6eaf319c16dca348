export { placeNumbered } from './place.ts'
export { turns } from './schema.ts'
export {
  anyNumbered,
  anyTurn,
  firsts,
  following,
  insertTurns,
  removeTurns,
  type Turn,
  turnAt,
  unnumbered,
} from './store.ts'
