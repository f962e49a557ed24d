package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	echoID  protocol.ID = "/tutti/interop/echo/1"
	bulkID  protocol.ID = "/tutti/interop/bulk/1"
	resetID protocol.ID = "/tutti/interop/reset/1"
	// Answered by the dialer, and only once it is connected: the listener learns of it by a push.
	newID protocol.ID = "/tutti/interop/new/1"
)

// The listener's side of the protocols.
func serve(node host.Host) {
	node.SetStreamHandler(echoID, func(stream network.Stream) {
		if _, err := io.Copy(stream, stream); err != nil {
			say(map[string]any{"event": "reset-seen"})
			stream.Reset()
			return
		}
		stream.Close()
	})
	node.SetStreamHandler(bulkID, func(stream network.Stream) {
		if err := answerBulk(stream); err != nil {
			fmt.Fprintln(os.Stderr, bulkID, err)
			stream.Reset()
			return
		}
		stream.Close()
	})
	node.SetStreamHandler(resetID, func(stream network.Stream) {
		if _, err := io.ReadFull(stream, make([]byte, 1)); err != nil {
			fmt.Fprintln(os.Stderr, resetID, err)
		}
		stream.Reset()
	})
}

func answerBulk(stream network.Stream) error {
	wanted := make([]byte, 8)
	if _, err := io.ReadFull(stream, wanted); err != nil {
		return err
	}
	_, hash, err := readToEnd(stream)
	if err != nil {
		return err
	}
	if _, err := stream.Write(hash); err != nil {
		return err
	}
	sent, err := writePattern(stream, int64(binary.BigEndian.Uint64(wanted)))
	if err != nil {
		return err
	}
	_, err = stream.Write(sent)
	return err
}
