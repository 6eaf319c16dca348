import type { Route } from '../../party/index.ts'
import { toIso } from '../../platform/clock.ts'
import { recoveryCommands, shellWord } from '../recovery.ts'
import type { Warning } from '../warning.ts'
import { escaped, layout, messageId, oneLine, plain, styled } from './mail-layout.ts'

/** What is said of a route that fails: to the operator with the commands that help. */
export function warningMail(
  warning: Warning,
  route: Route,
  { from, disableAfterMs }: { from: string; disableAfterMs: number },
) {
  const isOver = warning.share === 100
  const title = isOver
    ? `A route of ${warning.accountId} is disabled`
    : `A route of ${warning.accountId} has failed for ${warning.share} % of its time`
  const facts = factsOf(warning, route, disableAfterMs)
  const advice = isOver ? adviceAtTheEnd(warning) : adviceBefore(warning)
  const commands = warning.recipient === 'operator' ? commandsFor(warning, route) : []
  const lines = facts.map(([label, value]) => `${label}: ${value}`)
  const shownCommands = commands.length === 0 ? [] : [...commands.map((one) => `    ${one}`), '']
  return {
    subject: oneLine(title),
    text: [title, '', ...lines, '', advice, '', ...shownCommands].join('\n'),
    html: html({ title, facts, advice, commands }),
    messageId: messageId(warning.id, from),
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

type Facts = [label: string, value: string][]

function factsOf(warning: Warning, { notifyMethod }: Route, disableAfterMs: number): Facts {
  const { failingSince, share, reason, createDate, contactPath } = warning
  return [
    ['Partner', warning.accountId],
    ['Route', warning.routeId],
    ['Method', notifyMethod],
    ['Leads to', contactPath],
    ['Nothing got through since', failingSince === null ? 'not known' : toIso(failingSince)],
    ['Why', reason ?? 'not known'],
    share === 100
      ? ['Disabled', toIso(createDate)]
      : ['Will be disabled', endText((failingSince ?? createDate) + disableAfterMs)],
  ]
}

/** The setting may have been changed since the warning. */
function endText(end: number): string {
  return Number.isFinite(end)
    ? `at ${toIso(end)} or soon after, unless an attempt gets through`
    : 'never'
}

function adviceBefore({ recipient }: Warning): string {
  const mend = 'Please see why notices of payments are not taken there'
  return recipient === 'operator'
    ? `${mend}, or ask the partner. When it is mended, resume the route:`
    : `${mend}. When it is mended, they arrive by themselves; the operator can send them at once.`
}

function adviceAtTheEnd({ recipient }: Warning): string {
  return recipient === 'operator'
    ? 'Nothing is sent there any more. When it is mended, enable it and bring what was missed:'
    : 'Nothing is sent there any more, and payments are kept. When it is mended, please tell the ' +
        'operator of Giro, who can enable it again and send what was missed.'
}

function commandsFor({ share, failingSince, createDate }: Warning, route: Route): string[] {
  const names = `${shellWord(route.accountId)} ${route.id}`
  const show = `manage route show ${names}`
  if (share !== 100) return [show, `manage route resume ${names}`]
  const recover = recoveryCommands(route, failingSince ?? createDate)
  return [show, `manage route change ${names} --enable`, ...recover]
}

type Said = { title: string; facts: Facts; advice: string; commands: string[] }

function html({ title, facts, advice, commands }: Said): string {
  const rows = facts.map(([label, value]) => row(label, value)).join('\n')
  const shown = commands.map((one) => styled('div', ['value'], escaped(one), code)).join('\n')
  return layout({
    preview: escaped(title),
    title: escaped(title),
    body: [
      styled('div', ['value'], escaped(title), 'padding:0 0 16px;font-weight:600'),
      `<table ${plain} width="100%">${rows}</table>`,
      styled('div', ['value'], escaped(advice), 'padding:16px 0 8px'),
      shown,
    ].join('\n'),
    footer: 'Sent by Giro because this address is told of routes that fail. Nobody reads replies.',
  })
}

const code = 'padding:4px 0;font-family:monospace;font-size:13px;word-break:break-all'

function row(label: string, value: string): string {
  const head = styled('td', ['label', 'line'], escaped(label), `width:32%;${cell}`)
  const rest = styled('td', ['value', 'line'], escaped(value), `word-break:break-word;${cell}`)
  return `<tr>${head}${rest}</tr>`
}

const cell = 'padding:9px 12px 9px 0;vertical-align:top'
