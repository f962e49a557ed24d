package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// libp2p/specs perf/perf.md over go-libp2p's streams. Our own: go-libp2p has no perf, nor have the versions of rust and js that we use.
const (
	perfID    protocol.ID = "/perf/1.0.0"
	perfBytes             = 10_000_000
)

func servePerf(node host.Host) {
	node.SetStreamHandler(perfID, func(stream network.Stream) {
		if err := answerPerf(stream); err != nil {
			fmt.Fprintln(os.Stderr, perfID, err)
			stream.Reset()
			return
		}
		stream.Close()
	})
}

func answerPerf(stream network.Stream) error {
	wanted := make([]byte, 8)
	if _, err := io.ReadFull(stream, wanted); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return err
	}
	return writeZeros(stream, int64(binary.BigEndian.Uint64(wanted)))
}

func writeZeros(to io.Writer, length int64) error {
	data := make([]byte, block)
	for left := length; left > 0; left -= block {
		if _, err := to.Write(data[:min(left, block)]); err != nil {
			return err
		}
	}
	return nil
}

// Uploads, then downloads.
func perf(ctx context.Context, kind, address string) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	node, err := start(kind, libp2p.NoListenAddrs)
	if err != nil {
		return err
	}
	defer node.Close()
	them, err := peer.AddrInfoFromString(address)
	if err != nil {
		return err
	}
	if err := node.Connect(ctx, *them); err != nil {
		return err
	}
	stream, err := node.NewStream(ctx, them.ID, perfID)
	if err != nil {
		return err
	}
	defer stream.Close()
	if err := binary.Write(stream, binary.BigEndian, int64(perfBytes)); err != nil {
		return err
	}
	if err := writeZeros(stream, perfBytes); err != nil {
		return err
	}
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	count, err := io.Copy(io.Discard, stream)
	if err != nil {
		return err
	}
	if count != perfBytes {
		return fmt.Errorf("%d bytes came back", count)
	}
	say(map[string]any{"event": "measured", "peerId": them.ID.String(), "uploadBytes": perfBytes, "downloadBytes": count})
	return nil
}
