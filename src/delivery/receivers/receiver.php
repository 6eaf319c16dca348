<?php
// A receiver of Giro's webhooks: PHP 8 alone. WEBHOOK_SECRET (whsec_… or whpk_…), INBOX.

declare(strict_types=1);

const TOLERANCE_S = 300;
const MOST_BYTES = 1024 * 1024;

function is_genuine(string $secret, string $id, string $time, string $signatures, string $body): bool
{
    if (!ctype_digit($time) || abs(time() - (int) $time) > TOLERANCE_S) {
        return false;
    }
    [$kind, $text] = explode('_', $secret, 2);
    $key = base64_decode($text);
    $signed = "$id.$time.$body";
    // One of several is enough: while a secret is rotated, the old one signs beside the new one.
    foreach (explode(' ', $signatures) as $one) {
        [$version, $text] = explode(',', $one, 2) + ['', ''];
        $given = (string) base64_decode($text, true);
        if (is_signature($kind, $key, $version, $given, $signed)) {
            return true;
        }
    }
    return false;
}

function is_signature(string $kind, string $key, string $version, string $given, string $signed): bool
{
    if ($version === 'v1' && $kind === 'whsec') {
        return hash_equals(hash_hmac('sha256', $signed, $key, true), $given); // In constant time.
    }
    return $version === 'v1a' && $kind === 'whpk'
        && strlen($given) === SODIUM_CRYPTO_SIGN_BYTES
        && sodium_crypto_sign_verify_detached($given, $signed, $key);
}

/** Keeps an event once, whole or not at all. A table with the id as its key is as good. */
function keep(string $inbox, string $id, string $body): void
{
    $draft = tempnam($inbox, '.draft');
    $file = "$inbox/$id.json";
    try {
        if (file_put_contents($draft, $body) !== strlen($body)) {
            throw new RuntimeException('the event could not be written');
        }
        // It may have come before.
        if (!file_exists($file) && !@link($draft, $file) && !file_exists($file)) {
            throw new RuntimeException('the event could not be kept');
        }
    } finally {
        unlink($draft);
    }
}

function receive(string $secret, string $inbox): int
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        return 405;
    }
    $body = file_get_contents('php://input', false, null, 0, MOST_BYTES + 1);
    if (strlen($body) > MOST_BYTES) {
        return 413;
    }
    $header = fn (string $name): string => $_SERVER["HTTP_WEBHOOK_$name"] ?? '';
    $id = $header('ID');
    if (!is_genuine($secret, $id, $header('TIMESTAMP'), $header('SIGNATURE'), $body)) {
        return 401;
    }
    $event = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
    // Whatever else comes is taken and left alone, such as giro.test.
    if ($event['type'] === 'payment.received') {
        keep($inbox, $id, $body);
    }
    return 204;
}

http_response_code(500); // What throws from here on has Giro come again.
$inbox = getenv('INBOX') ?: 'inbox';
is_dir($inbox) || mkdir($inbox, 0700, true) || is_dir($inbox);
http_response_code(receive((string) getenv('WEBHOOK_SECRET'), $inbox));
