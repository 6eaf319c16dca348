// A receiver of Giro's webhooks: Java 17 alone. PORT, WEBHOOK_SECRET (whsec_… or whpk_…), INBOX.
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Receiver {
  static final long TOLERANCE_S = 300;
  static final int MOST_BYTES = 1024 * 1024;
  static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");
  /** Giro writes an event's type first; take your JSON library for the rest. */
  static final Pattern TYPE = Pattern.compile("\\{\"type\":\"([a-z_.]+)\"");

  static final Path inbox = Path.of(System.getenv().getOrDefault("INBOX", "inbox"));
  static final String[] secret = System.getenv("WEBHOOK_SECRET").split("_", 2);
  static final byte[] key = Base64.getDecoder().decode(secret[1]);

  static boolean isGenuine(Headers headers, byte[] body) throws GeneralSecurityException {
    String id = headers.getFirst("webhook-id");
    String sent = headers.getFirst("webhook-timestamp");
    String signatures = headers.getFirst("webhook-signature");
    if (id == null || sent == null || signatures == null) return false;
    if (!sent.matches("[0-9]{1,12}")) return false;
    long seconds = System.currentTimeMillis() / 1000 - Long.parseLong(sent);
    if (Math.abs(seconds) > TOLERANCE_S) return false;
    var signed = new ByteArrayOutputStream();
    signed.writeBytes((id + "." + sent + ".").getBytes(StandardCharsets.ISO_8859_1));
    signed.writeBytes(body);
    // One of several is enough: while a secret is rotated, the old one signs beside the new one.
    for (String one : signatures.split(" ")) {
      String[] parts = one.split(",", 2);
      if (parts.length == 2 && isSignature(parts[0], parts[1], signed.toByteArray())) return true;
    }
    return false;
  }

  static boolean isSignature(String version, String text, byte[] signed)
      throws GeneralSecurityException {
    byte[] given;
    try {
      given = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
    if (version.equals("v1") && secret[0].equals("whsec")) {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return MessageDigest.isEqual(mac.doFinal(signed), given); // In constant time.
    }
    if (!version.equals("v1a") || !secret[0].equals("whpk") || given.length != 64) return false;
    var spki = new ByteArrayOutputStream();
    spki.writeBytes(SPKI);
    spki.writeBytes(key);
    Signature signature = Signature.getInstance("Ed25519");
    var publicKey = new X509EncodedKeySpec(spki.toByteArray());
    signature.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(publicKey));
    signature.update(signed);
    try {
      return signature.verify(given);
    } catch (SignatureException noPointOfTheCurve) {
      return false;
    }
  }

  /** Keeps an event once, whole or not at all. A table with the id as its key is as good. */
  static void keep(String id, byte[] body) throws IOException {
    Path draft = Files.createTempFile(inbox, ".draft", "");
    try {
      Files.write(draft, body);
      Files.createLink(inbox.resolve(id + ".json"), draft);
    } catch (FileAlreadyExistsException cameBefore) {
      return;
    } finally {
      Files.delete(draft);
    }
  }

  static int receive(HttpExchange exchange) throws IOException, GeneralSecurityException {
    if (!exchange.getRequestMethod().equals("POST")) return 405;
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    if (body.length > MOST_BYTES) return 413;
    Headers headers = exchange.getRequestHeaders();
    if (!isGenuine(headers, body)) return 401;
    var type = TYPE.matcher(new String(body, StandardCharsets.UTF_8));
    // Whatever else comes is taken and left alone, such as giro.test.
    if (type.lookingAt() && type.group(1).equals("payment.received"))
      keep(headers.getFirst("webhook-id"), body);
    return 204;
  }

  public static void main(String[] args) throws IOException {
    Files.createDirectories(inbox);
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.createContext("/", (exchange) -> {
      int status = 500; // Giro comes again.
      try {
        status = receive(exchange);
      } catch (GeneralSecurityException | IOException error) {
        error.printStackTrace();
      }
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
    });
    server.start();
  }
}
