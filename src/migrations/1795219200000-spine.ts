import type { MigrationInterface, QueryRunner } from 'typeorm'
import { column, createTable, seed } from '../platform/database/index.ts'

const { bytes, flag, integer, longText, money, nullable, sequence, text, time } = column

/** The tables of a payment's road, as they were at the beginning. */
export class Spine1795219200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, 'api_keys', {
      columns: {
        id: text(40),
        name: text(255),
        scope: text(16),
        hash: text(64),
        createDate: time(),
        revokeDate: nullable(time()),
      },
      primary: ['id'],
      indexes: [{ name: 'uq_api_keys_hash', columns: ['hash'], unique: true }],
      checks: { ck_api_keys_scope: `scope IN ('read', 'admin')` },
    })
    await createTable(runner, 'partners', {
      columns: { accountId: text(255), name: text(255), createDate: time() },
      primary: ['accountId'],
      indexes: [{ name: 'ix_partners_create_date', columns: ['createDate', 'accountId'] }],
    })
    await createTable(runner, 'payers', {
      columns: { id: text(255), name: text(255), createDate: time() },
      primary: ['id'],
      indexes: [{ name: 'ix_payers_create_date', columns: ['createDate', 'id'] }],
    })
    await createTable(runner, 'routes', {
      columns: {
        id: text(40),
        accountId: text(255),
        notifyMethod: text(16),
        contactPath: text(2048),
        secret: nullable(longText()),
        enabled: flag(),
        createDate: time(),
      },
      primary: ['id'],
      indexes: [{ name: 'ix_routes_account_id', columns: ['accountId', 'id'] }],
      checks: { ck_routes_notify_method: `notify_method IN ('api', 'email')` },
    })
    await createTable(runner, 'proofs', {
      columns: {
        id: text(40),
        bank: text(64),
        proofKey: text(160),
        outcome: text(16),
        method: text(16),
        path: text(2048),
        headers: longText(),
        sha256: text(64),
        size: integer(),
        remoteAddress: text(64),
        receivedDate: time(),
      },
      primary: ['id'],
      indexes: [
        { name: 'ix_proofs_outcome', columns: ['outcome', 'id'], where: `outcome <> 'accepted'` },
      ],
      checks: {
        ck_proofs_outcome: `outcome IN ('accepted', 'duplicate', 'refused', 'unreadable')`,
      },
    })
    await createTable(runner, 'spool', {
      columns: { proofId: text(40), size: integer(), body: bytes() },
      primary: ['proofId'],
    })
    await createTable(runner, 'spool_totals', {
      columns: { id: integer(), proofs: integer(), bytes: integer() },
      primary: ['id'],
      checks: {
        ck_spool_totals_one_row: 'id = 1',
        ck_spool_totals_sums: 'proofs >= 0 AND bytes >= 0',
      },
    })
    await createTable(runner, 'payments', {
      columns: {
        id: text(40),
        bank: text(64),
        referenceNumber: text(255),
        accountNumber: text(255),
        payerId: nullable(text(255)),
        partnerId: nullable(text(255)),
        amount: money(),
        currency: text(8),
        status: text(16),
        processError: flag(),
        proofId: text(40),
        proofKey: text(160),
        bankTransactionId: nullable(text(255)),
        transferId: text(40),
        eventId: text(40),
        paymentBankDate: nullable(text(40)),
        paymentReceivedDate: time(),
        paymentProcessedDate: nullable(time()),
      },
      primary: ['id'],
      indexes: [
        {
          name: 'uq_payments_bank_transaction',
          columns: ['bank', 'bankTransactionId'],
          unique: true,
          where: 'bank_transaction_id IS NOT NULL',
        },
        { name: 'ix_payments_account_number', columns: ['accountNumber', 'id'] },
        { name: 'ix_payments_reference_number', columns: ['referenceNumber', 'id'] },
        { name: 'ix_payments_status', columns: ['status', 'id'] },
      ],
      checks: {
        ck_payments_amount: 'amount > 0',
        ck_payments_status: `status IN ('received', 'notified', 'failed', 'unrouted')`,
        ck_payments_processed: `(status = 'notified') = (payment_processed_date IS NOT NULL)`,
        ck_payments_error: `(status = 'failed') = process_error`,
      },
    })
    await createTable(runner, 'accounts', {
      columns: {
        id: text(300),
        currency: text(8),
        debits: money(),
        credits: money(),
        floor: nullable(money()),
        createDate: time(),
      },
      primary: ['id'],
      indexes: [{ name: 'ix_accounts_create_date', columns: ['createDate', 'id'] }],
      checks: {
        ck_accounts_sums: 'debits >= 0 AND credits >= 0',
        ck_accounts_floor: 'floor IS NULL OR credits - debits >= floor',
      },
    })
    await createTable(runner, 'transfers', {
      columns: {
        id: text(40),
        debitAccount: text(300),
        creditAccount: text(300),
        amount: money(),
        currency: text(8),
        link: nullable(text(40)),
        createDate: time(),
      },
      primary: ['id'],
      checks: {
        ck_transfers_amount: 'amount > 0',
        ck_transfers_accounts: 'debit_account <> credit_account',
      },
    })
    await createTable(runner, 'deliveries', {
      columns: {
        id: text(40),
        paymentId: text(40),
        accountId: text(255),
        routeId: text(40),
        notifyMethod: text(16),
        eventId: text(40),
        status: text(16),
        attempts: integer(),
        dueDate: nullable(time()),
        claimId: nullable(text(40)),
        createDate: time(),
        finishDate: nullable(time()),
      },
      primary: ['id'],
      indexes: [
        { name: 'uq_deliveries_payment_route', columns: ['paymentId', 'routeId'], unique: true },
        { name: 'ix_deliveries_due_date', columns: ['dueDate'] },
        { name: 'ix_deliveries_status', columns: ['status', 'id'] },
        { name: 'ix_deliveries_route_id', columns: ['routeId', 'id'] },
      ],
      checks: {
        ck_deliveries_status: `status IN ('pending', 'sending', 'delivered', 'failed')`,
        ck_deliveries_open: `(status IN ('pending', 'sending')) = (due_date IS NOT NULL)`,
        ck_deliveries_finished: `(status IN ('delivered', 'failed')) = (finish_date IS NOT NULL)`,
        ck_deliveries_claimed: `(status = 'sending') = (claim_id IS NOT NULL)`,
      },
    })
    await createTable(runner, 'attempts', {
      columns: {
        id: text(40),
        deliveryId: text(40),
        startDate: time(),
        durationMs: integer(),
        result: text(16),
        status: nullable(integer()),
        error: nullable(longText()),
        answer: nullable(longText()),
      },
      primary: ['id'],
      indexes: [{ name: 'ix_attempts_delivery_id', columns: ['deliveryId', 'id'] }],
      checks: { ck_attempts_result: `result IN ('delivered', 'failed')` },
    })
    await createTable(runner, 'attempt_totals', {
      columns: { id: text(40), notifyMethod: text(16), result: text(16), count: integer() },
      primary: ['id'],
    })
    await createTable(runner, 'events', {
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
    await createTable(runner, 'idempotency_keys', {
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
    await seed(runner, 'spool_totals', 'id, proofs, bytes', ['1, 0, 0'])
    await seed(runner, 'attempt_totals', 'id, notify_method, result, count', [
      `'api delivered', 'api', 'delivered', 0`,
      `'api failed', 'api', 'failed', 0`,
      `'email delivered', 'email', 'delivered', 0`,
      `'email failed', 'email', 'failed', 0`,
    ])
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of [
      'idempotency_keys',
      'events',
      'attempt_totals',
      'attempts',
      'deliveries',
      'transfers',
      'accounts',
      'payments',
      'spool_totals',
      'spool',
      'proofs',
      'routes',
      'payers',
      'partners',
      'api_keys',
    ])
      await runner.dropTable(name, true)
  }
}
