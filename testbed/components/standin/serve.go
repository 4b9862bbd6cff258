package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"

	"k8s.io/component-base/configz"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

// serve answers at the configured address and port until end is done.
func serve(end context.Context, flags *options.KubeletFlags, config *kubeletconfig.KubeletConfiguration, versioned *kubeletv1beta1.KubeletConfiguration) error {
	if !config.EnableServer {
		<-end.Done()
		return nil
	}
	handler, err := handlerOf(config, versioned)
	if err != nil {
		return err
	}
	tlsConfig, err := servingTLS(flags, config)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:      net.JoinHostPort(config.Address, strconv.Itoa(int(config.Port))),
		Handler:   handler,
		TLSConfig: tlsConfig,
	}
	listener, err := net.Listen("tcp", server.Addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "kubelet (stand-in): serving at %s\n", listener.Addr())
	go func() {
		<-end.Done()
		server.Close()
	}()
	if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func handlerOf(config *kubeletconfig.KubeletConfiguration, versioned *kubeletv1beta1.KubeletConfiguration) (http.Handler, error) {
	registered, err := configz.New(configzName)
	if err != nil {
		return nil, err
	}
	if err := registered.Set(versioned); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	configz.InstallHandler(mux)
	mux.HandleFunc("/healthz", func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(answer, "ok")
	})
	return authenticated(config, mux)
}
