/// The version of the service.
package enum Version {
    /// As in `image-service version` and the metrics; semver.org says what it means.
    package static let current = "0.1.0"
}
