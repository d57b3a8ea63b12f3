// HTTPS: the certificate that the server shows, read from its files.

import HummingbirdTLS
import NIOCore
import NIOSSL

/// Reads what HTTPS needs. Nothing looks at the files again: a renewed certificate is shown after a restart.
enum ServerCertificate {
  /// TLS 1.2 or newer for HTTP/1.1; `nil` where no files are named. Throws `InvalidSettings` where a file cannot be read
  /// or the two do not belong together.
  static func configuration(_ files: ServiceSettings.TLSFiles) throws -> TLSConfiguration? {
    guard let certificate = files.certificate, let key = files.key else { return nil }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try chain(certificate).map { .certificate($0) },
      privateKey: .privateKey(try privateKey(key)))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do {
      // Looks whether the key is the certificate's.
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw invalid("http.tls.key", key, "is not the key of http.tls.certificate", error)
    }
    return configuration
  }

  private static func chain(_ path: String) throws -> [NIOSSLCertificate] {
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(path)
      if !chain.isEmpty { return chain }
    } catch {
      throw invalid("http.tls.certificate", path, "is no PEM file of certificates", error)
    }
    throw ArchiveService.InvalidSettings(
      description: "http.tls.certificate has no certificate path=`\(path)`")
  }

  private static func privateKey(_ path: String) throws -> NIOSSLPrivateKey {
    do {
      return try NIOSSLPrivateKey(file: path, format: .pem)
    } catch {
      throw invalid("http.tls.key", path, "is no PEM file of a key", error)
    }
  }

  private static func invalid(_ name: String, _ path: String, _ what: String, _ error: any Error)
    -> ArchiveService.InvalidSettings
  {
    ArchiveService.InvalidSettings(description: "\(name) \(what) path=`\(path)` error=`\(error)`")
  }
}
