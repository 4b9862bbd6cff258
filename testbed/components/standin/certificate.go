package main

import (
	"crypto/tls"
	"path/filepath"

	certutil "k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
	cliflag "k8s.io/component-base/cli/flag"
	nodeutil "k8s.io/component-helpers/node/util"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

// nameServingFiles sets the files of the certificate that the kubelet signs for
// itself where it is given none and is not to ask the cluster for one. It does
// so before /configz is filled, so the names show there.
func nameServingFiles(flags *options.KubeletFlags, config *kubeletconfig.KubeletConfiguration) {
	if config.ServerTLSBootstrap || config.TLSCertFile != "" || config.TLSPrivateKeyFile != "" {
		return
	}
	config.TLSCertFile = filepath.Join(flags.CertDirectory, "kubelet.crt")
	config.TLSPrivateKeyFile = filepath.Join(flags.CertDirectory, "kubelet.key")
}

func servingTLS(flags *options.KubeletFlags, config *kubeletconfig.KubeletConfiguration) (*tls.Config, error) {
	certificate, err := servingCertificate(flags, config)
	if err != nil {
		return nil, err
	}
	minimum, err := cliflag.TLSVersion(config.TLSMinVersion)
	if err != nil {
		return nil, err
	}
	ciphers, err := cliflag.TLSCipherSuites(config.TLSCipherSuites)
	if err != nil {
		return nil, err
	}
	curves, err := cliflag.TLSCurvePreferences(config.TLSCurvePreferences)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates:     []tls.Certificate{certificate},
		MinVersion:       minimum,
		CipherSuites:     ciphers,
		CurvePreferences: curves,
		// Asked for, not required: who has none is anonymous.
		ClientAuth: tls.RequestClientCert,
	}, nil
}

// servingCertificate reads the configured pair. A missing pair in the
// certificate directory is made and kept there; one that the cluster would have
// to sign is made for this run only.
func servingCertificate(flags *options.KubeletFlags, config *kubeletconfig.KubeletConfiguration) (tls.Certificate, error) {
	certFile, keyFile := config.TLSCertFile, config.TLSPrivateKeyFile
	kept := certFile == filepath.Join(flags.CertDirectory, "kubelet.crt")
	if certFile != "" {
		there, err := certutil.CanReadCertAndKey(certFile, keyFile)
		if err != nil {
			return tls.Certificate{}, err
		}
		if there || !kept {
			return tls.LoadX509KeyPair(certFile, keyFile)
		}
	}
	host, err := nodeutil.GetHostname(flags.HostnameOverride)
	if err != nil {
		return tls.Certificate{}, err
	}
	cert, key, err := certutil.GenerateSelfSignedCertKey(host, nil, nil)
	if err != nil {
		return tls.Certificate{}, err
	}
	if kept {
		if err := certutil.WriteCert(certFile, cert); err != nil {
			return tls.Certificate{}, err
		}
		if err := keyutil.WriteKey(keyFile, key); err != nil {
			return tls.Certificate{}, err
		}
	}
	return tls.X509KeyPair(cert, key)
}
