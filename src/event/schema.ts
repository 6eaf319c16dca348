import { column, table } from '../platform/database/index.ts'

const { longText, sequence, text, time } = column

/** Rows are only ever added. `seq` is the order in which things happened. */
export const events = table('events', {
  columns: {
    seq: sequence(),
    id: text(40),
    type: text(40),
    subject: text(300),
    time: time(),
    data: longText(),
  },
  primary: ['id'],
})
