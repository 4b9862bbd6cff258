package main

import (
	"crypto/x509"
	"net/http"

	certutil "k8s.io/client-go/util/cert"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
)

// authenticated lets a request pass that has a client certificate of the
// configured authority, and any request where anonymous ones are allowed.
//
// Less than the real kubelet does: bearer tokens are not looked at, and nothing
// is authorised, because both ask an API server that may not be there. So who
// is authenticated may read all there is: the configuration.
func authenticated(config *kubeletconfig.KubeletConfiguration, next http.Handler) (http.Handler, error) {
	if config.Authentication.Anonymous.Enabled {
		return next, nil
	}
	authorities := x509.NewCertPool()
	if file := config.Authentication.X509.ClientCAFile; file != "" {
		var err error
		if authorities, err = certutil.NewPool(file); err != nil {
			return nil, err
		}
	}
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if !signedBy(authorities, request.TLS.PeerCertificates) {
			http.Error(answer, "Unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(answer, request)
	}), nil
}

func signedBy(authorities *x509.CertPool, chain []*x509.Certificate) bool {
	if len(chain) == 0 {
		return false
	}
	intermediates := x509.NewCertPool()
	for _, certificate := range chain[1:] {
		intermediates.AddCert(certificate)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots:         authorities,
		Intermediates: intermediates,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err == nil
}
