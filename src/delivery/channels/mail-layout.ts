/**
 * The frame of an e-mail's HTML: tables and inline styles, since that is what mail clients keep; at
 * most 600 px; nothing from elsewhere. Clients that know dark mode take the colours of the style
 * sheet, the others invert what is inline, which is all mid-tones or plain.
 */
export type Layout = {
  /** What lists of mails show behind the subject. */
  preview: string
  title: string
  /** HTML, already escaped. */
  body: string
  footer: string
}

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

/** Inline styles, by what they are for; the class of the same name is for dark mode. */
const styles = {
  label: `${font};font-size:13px;line-height:20px;color:#5b6472`,
  value: `${font};font-size:15px;line-height:22px;color:#1a2230`,
  amount: `${font};font-size:30px;line-height:38px;font-weight:600;color:#1a2230`,
  line: 'border-top:1px solid #e3e7ed',
} as const

const dark = `@media (prefers-color-scheme:dark){
.page{background:#14181f!important}
.card{background:#1e242e!important;border-color:#333c4a!important}
.value,.amount{color:#eef1f6!important}.label{color:#a5afbd!important}
.line{border-color:#333c4a!important}}`

type Style = keyof typeof styles

/** A cell, or what stands in one, with styles by their names. */
export function styled(tag: string, names: Style[], html: string, more = ''): string {
  const style = [...names.map((name) => styles[name]), more].filter(Boolean).join(';')
  return `<${tag} class="${names.join(' ')}" style="${style}">${html}</${tag}>`
}

export function layout({ preview, title, body, footer }: Layout): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="supported-color-schemes" content="light dark">',
    `<title>${title}</title><style>${dark}</style></head>`,
    '<body class="page" style="margin:0;padding:0;background:#f3f5f8">',
    `<div style="display:none;max-height:0;overflow:hidden">${preview}</div>`,
    `<table ${plain} width="100%" class="page" style="background:#f3f5f8"><tr>`,
    '<td align="center" style="padding:24px 12px">',
    '<!--[if mso]><table role="presentation" width="600"><tr><td><![endif]-->',
    `<table ${plain} width="100%" class="card" style="max-width:600px;text-align:left;${card}">`,
    `<tr><td style="padding:28px 24px 24px">${body}</td></tr>`,
    `<tr>${styled('td', ['label', 'line'], footer, 'padding:16px 24px')}</tr></table>`,
    '<!--[if mso]></td></tr></table><![endif]-->',
    '</td></tr></table></body></html>',
  ].join('\n')
}

export const plain = 'role="presentation" cellpadding="0" cellspacing="0" border="0"'
const card = 'background:#ffffff;border:1px solid #e3e7ed;border-radius:8px'

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A header is one line: nothing a bank wrote may begin another. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}

/** The members of a payment that an event tells. */
export type ToldPayment = Record<string, string | null>

export function paymentOf({ data }: { data: string }): ToldPayment {
  return (JSON.parse(data) as { payment: ToldPayment }).payment
}

/** The same at every try, so that a second copy can be recognised; in the sender's own domain. */
export function messageId(id: string, from: string): string {
  const [, domain = 'localhost'] = /@([^@<>\s]+)>?\s*$/.exec(from) ?? []
  return `<${id}@giro.${domain}>`
}
