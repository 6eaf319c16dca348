import { z } from 'zod'

/** A report that comes as a form: the message, where it is, and perhaps why. More may be in it. */
export function formBody(message: string, status: string, why: string) {
  return {
    contentType: 'application/x-www-form-urlencoded',
    report: z.looseObject({
      [message]: z.string(),
      [status]: z.string(),
      [why]: z.string().optional(),
    }),
  }
}
