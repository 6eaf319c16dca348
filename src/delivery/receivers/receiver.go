// A receiver of Giro's webhooks: Go 1.19 alone. PORT, WEBHOOK_SECRET (whsec_… or whpk_…), INBOX.
package main

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	tolerance = 5 * time.Minute
	mostBytes = 1024 * 1024
)

var (
	inbox = os.Getenv("INBOX")
	kind  string
	key   []byte
)

func isGenuine(header http.Header, body []byte) bool {
	id, sent := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(sent, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	signed := append([]byte(id+"."+sent+"."), body...)
	// One of several is enough: while a secret is rotated, the old one signs beside the new one.
	for _, one := range strings.Split(header.Get("webhook-signature"), " ") {
		version, text, _ := strings.Cut(one, ",")
		given, err := base64.StdEncoding.DecodeString(text)
		if err == nil && isSignature(version, given, signed) {
			return true
		}
	}
	return false
}

func isSignature(version string, given, signed []byte) bool {
	switch {
	case version == "v1" && kind == "whsec":
		mac := hmac.New(sha256.New, key)
		mac.Write(signed)
		return hmac.Equal(given, mac.Sum(nil)) // In constant time.
	case version == "v1a" && kind == "whpk":
		return ed25519.Verify(ed25519.PublicKey(key), signed, given)
	}
	return false
}

// Keeps an event once, whole or not at all. A table with the id as its key is as good.
func keep(id string, body []byte) error {
	draft, err := os.CreateTemp(inbox, ".draft-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	defer draft.Close()
	if _, err = draft.Write(body); err != nil {
		return err
	}
	if err = draft.Sync(); err != nil {
		return err
	}
	err = os.Link(draft.Name(), filepath.Join(inbox, id+".json"))
	if errors.Is(err, fs.ErrExist) {
		return nil // It came before.
	}
	return err
}

func receive(answer http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodPost {
		answer.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, mostBytes))
	if err != nil {
		answer.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if !isGenuine(request.Header, body) {
		answer.WriteHeader(http.StatusUnauthorized)
		return
	}
	var event struct{ Type string }
	err = json.Unmarshal(body, &event)
	// Whatever else comes is taken and left alone, such as giro.test.
	if err == nil && event.Type == "payment.received" {
		err = keep(request.Header.Get("webhook-id"), body)
	}
	if err != nil {
		log.Print(err)
		answer.WriteHeader(http.StatusInternalServerError) // Giro comes again.
		return
	}
	answer.WriteHeader(http.StatusNoContent)
}

func main() {
	var text string
	var err error
	kind, text, _ = strings.Cut(os.Getenv("WEBHOOK_SECRET"), "_")
	key, err = base64.StdEncoding.DecodeString(text)
	if err != nil || (kind != "whsec" && (kind != "whpk" || len(key) != ed25519.PublicKeySize)) {
		log.Fatal("WEBHOOK_SECRET is neither whsec_ nor whpk_")
	}
	if err = os.MkdirAll(inbox, 0o700); err != nil {
		log.Fatal(err)
	}
	server := http.Server{
		Addr:        "127.0.0.1:" + os.Getenv("PORT"),
		Handler:     http.HandlerFunc(receive),
		ReadTimeout: 30 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}
