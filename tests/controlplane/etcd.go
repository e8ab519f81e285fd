// The store below the API server: one etcd member that keeps its data in a folder and forgets about durability.
package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd takes two flags: the folder and the URL that clients use. There are no peers.
func runEtcd() {
	flags := flag.NewFlagSet("etcd", flag.ExitOnError)
	folder := flags.String("data-dir", "", "where the data is kept")
	client := flags.String("listen-client-url", "", "http://127.0.0.1:PORT")
	peer := flags.String("listen-peer-url", "", "http://127.0.0.1:PORT, which nobody calls")
	if err := flags.Parse(os.Args[1:]); err != nil {
		fail(err)
	}
	config := embed.NewConfig()
	config.Dir = *folder
	config.LogLevel = "warn"
	// The cluster lives as long as a test: nothing needs to survive a power cut.
	config.UnsafeNoFsync = true
	clients, peers := parse(*client), parse(*peer)
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls, config.AdvertisePeerUrls = peers, peers
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	server, err := embed.StartEtcd(config)
	if err != nil {
		fail(err)
	}
	defer server.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-stop:
	case err := <-server.Err():
		fail(err)
	}
}

func parse(text string) []url.URL {
	address, err := url.Parse(text)
	if err != nil {
		fail(err)
	}
	return []url.URL{*address}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, filepath.Base(os.Args[0])+":", err)
	os.Exit(1)
}
