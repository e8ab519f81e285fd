package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

// identity lets a caller tell which answer belongs to which question. Its
// value is returned as it was given, whatever its type.
type identity struct {
	ID json.RawMessage `json:"id"`
}

func (i identity) self() identity { return i }

type question interface{ self() identity }

// An apology answers a question that could not be answered: because the line
// was not a question, or because the code under question panicked. The second
// is news about Kubernetes and must not end the run.
type apology struct {
	identity
	Malformed string `json:"malformed,omitempty"`
	Panic     string `json:"panic,omitempty"`
}

// A job is one line on its way to its answer.
type job struct {
	line   []byte
	answer chan []byte
}

// lines makes a mode that answers each line of standard input with one line,
// in the order of the input, on as many processors as there are.
func lines[Q question](answer func(Q) any) func(bool) error {
	return func(flush bool) error {
		// The writer waits for the oldest job, so this bound on the jobs
		// under way is also what keeps memory in bounds.
		ordered := make(chan *job, 64*runtime.GOMAXPROCS(0))
		work := make(chan *job, cap(ordered))
		for range runtime.GOMAXPROCS(0) {
			go func() {
				for j := range work {
					j.answer <- respond(j.line, answer)
				}
			}()
		}

		written := make(chan error, 1)
		go func() { written <- writeAnswers(ordered, flush) }()
		err := readQuestions(os.Stdin, ordered, work)
		close(ordered)
		close(work)
		return errors.Join(err, <-written)
	}
}

func readQuestions(from io.Reader, ordered, work chan<- *job) error {
	// A bufio.Scanner would refuse long lines, and manifests can be long.
	reader := bufio.NewReaderSize(from, 1<<20)
	for {
		line, err := reader.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			j := &job{line: line, answer: make(chan []byte, 1)}
			ordered <- j
			work <- j
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// writeAnswers keeps draining after a failed write, because the workers would
// otherwise wait for it for ever.
func writeAnswers(ordered <-chan *job, flush bool) error {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	var failed error
	for j := range ordered {
		answer := <-j.answer
		if failed != nil {
			continue
		}
		_, failed = out.Write(answer)
		if flush && failed == nil {
			failed = out.Flush()
		}
	}
	if failed != nil {
		return failed
	}
	return out.Flush()
}

func respond[Q question](line []byte, answer func(Q) any) (encoded []byte) {
	var asked Q
	if err := json.Unmarshal(line, &asked); err != nil {
		return encode(apology{identity: asked.self(), Malformed: err.Error()})
	}
	defer func() {
		if cause := recover(); cause != nil {
			encoded = encode(apology{identity: asked.self(), Panic: fmt.Sprint(cause)})
		}
	}()
	return encode(answer(asked))
}

// encode writes the answer without the escapes that make JSON safe inside
// HTML: these texts are compared and read, never embedded.
func encode(answer any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		// Every answer is built from types that JSON can hold.
		panic(err)
	}
	return out.Bytes()
}
