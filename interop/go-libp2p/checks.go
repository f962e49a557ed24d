package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	block     = 65_536
	bulkBytes = 64 << 20
	streams   = 100
)

// The dialer's checks.
func checkAll(ctx context.Context, node host.Host, them peer.ID) ([]string, error) {
	open := func(id protocol.ID) (network.Stream, error) { return node.NewStream(ctx, them, id) }
	done := []string{}
	for _, check := range []struct {
		name string
		run  func(opener) error
	}{
		{"bulk", bulk}, {"many-streams", manyStreams}, {"half-close", halfClose},
		{"reset-by-them", resetByThem}, {"reset-by-us", resetByUs}, {"refused", refused},
	} {
		if err := check.run(open); err != nil {
			return nil, fmt.Errorf("%s: %w", check.name, err)
		}
		done = append(done, check.name)
	}
	if err := push(ctx, node); err != nil {
		return nil, fmt.Errorf("push: %w", err)
	}
	return append(done, "push"), nil
}

// The listener opens a stream as soon as our push says that we take it.
func push(ctx context.Context, node host.Host) error {
	heard := make(chan error, 1)
	node.SetStreamHandler(newID, func(stream network.Stream) {
		_, err := io.ReadFull(stream, make([]byte, 1))
		stream.Close()
		heard <- err
	})
	select {
	case err := <-heard:
		return err
	case <-ctx.Done():
		return errors.New("no stream came after the push")
	}
}

type opener func(protocol.ID) (network.Stream, error)

// Writes bytes of which no two blocks are alike; answers with their hash.
func writePattern(to io.Writer, length int64) ([]byte, error) {
	data := make([]byte, block)
	for i := range data {
		data[i] = byte(i*31 + i/251)
	}
	hash := sha256.New()
	for done := int64(0); done < length; {
		binary.BigEndian.PutUint64(data, uint64(done))
		count := min(length-done, block)
		hash.Write(data[:count])
		if _, err := to.Write(data[:count]); err != nil {
			return nil, err
		}
		done += count
	}
	return hash.Sum(nil), nil
}

func readToEnd(from io.Reader) (int64, []byte, error) {
	hash := sha256.New()
	count, err := io.Copy(hash, from)
	return count, hash.Sum(nil), err
}

func bulk(open opener) error {
	stream, err := open(bulkID)
	if err != nil {
		return err
	}
	defer stream.Close()
	if err := binary.Write(stream, binary.BigEndian, int64(bulkBytes)); err != nil {
		return err
	}
	sent, err := writePattern(stream, bulkBytes)
	if err != nil {
		return err
	}
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	theirs := make([]byte, len(sent))
	if _, err := io.ReadFull(stream, theirs); err != nil {
		return err
	}
	if !bytes.Equal(theirs, sent) {
		return errors.New("they got something else")
	}
	_, ours, err := readToEnd(io.LimitReader(stream, bulkBytes))
	if err != nil {
		return err
	}
	if theirs, err = io.ReadAll(stream); err != nil {
		return err
	}
	if !bytes.Equal(theirs, ours) {
		return errors.New("we got something else")
	}
	return nil
}

func manyStreams(open opener) error {
	all := make([]network.Stream, streams)
	for i := range all {
		stream, err := open(echoID)
		if err != nil {
			return err
		}
		if err := exchange(stream, []byte{byte(i)}); err != nil {
			return err
		}
		all[i] = stream
	}
	results := make(chan error, streams)
	for i, stream := range all {
		go func() {
			results <- func() error {
				defer stream.Close()
				if err := exchange(stream, bytes.Repeat([]byte{byte(i)}, block)); err != nil {
					return err
				}
				return end(stream)
			}()
		}()
	}
	for range all {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

func exchange(stream network.Stream, sent []byte) error {
	if _, err := stream.Write(sent); err != nil {
		return err
	}
	received := make([]byte, len(sent))
	if _, err := io.ReadFull(stream, received); err != nil {
		return err
	}
	if !bytes.Equal(sent, received) {
		return errors.New("another echo")
	}
	return nil
}

func end(stream network.Stream) error {
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	if count, err := stream.Read(make([]byte, 1)); err != io.EOF {
		return fmt.Errorf("read gave %d, %v", count, err)
	}
	return nil
}

func halfClose(open opener) error {
	stream, err := open(echoID)
	if err != nil {
		return err
	}
	defer stream.Close()
	sent := bytes.Repeat([]byte{7}, 3*block)
	if _, err := stream.Write(sent); err != nil {
		return err
	}
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	received, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if !bytes.Equal(sent, received) {
		return fmt.Errorf("%d bytes came back", len(received))
	}
	return nil
}

func resetByThem(open opener) error {
	stream, err := open(resetID)
	if err != nil {
		return err
	}
	if _, err := stream.Write([]byte{1}); err != nil {
		return err
	}
	count, err := stream.Read(make([]byte, 1))
	if !errors.Is(err, network.ErrReset) {
		return fmt.Errorf("read gave %d, %v", count, err)
	}
	return nil
}

func resetByUs(open opener) error {
	stream, err := open(echoID)
	if err != nil {
		return err
	}
	if err := exchange(stream, []byte{1}); err != nil {
		return err
	}
	if err := stream.Reset(); err != nil {
		return err
	}
	return echoes(open)
}

func refused(open opener) error {
	if _, err := open("/tutti/interop/nobody/1"); err == nil {
		return errors.New("it was accepted")
	}
	return echoes(open)
}

func echoes(open opener) error {
	stream, err := open(echoID)
	if err != nil {
		return err
	}
	defer stream.Close()
	return exchange(stream, []byte{2})
}
