import { column, table } from '../platform/database/index.ts'

const { longText, text, time } = column

/** What a bank was answered under an Idempotency-Key, where its notice was taken. */
export const idempotencyKeys = table('idempotency_keys', {
  columns: {
    bank: text(64),
    idempotencyKey: text(255),
    bodySha256: text(64),
    contentType: text(255),
    answer: longText(),
    proofId: text(40),
    createDate: time(),
  },
  primary: ['bank', 'idempotencyKey'],
})
