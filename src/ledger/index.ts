export { type Books, books } from './books.ts'
export {
  type Account,
  balanceOf,
  type LedgerRefusal,
  type NewAccount,
  type NewTransfer,
  type Posted,
  type Transfer,
} from './ledger.ts'
export { post } from './post.ts'
export { ledgerEndpoints, transferJson, viewTransfer } from './routes.ts'
export { accounts, transfers } from './schema.ts'
export { accountsById, transfersById } from './store.ts'
