/// How much the catalog takes on before it refuses more.
package struct CatalogLimits: Hashable, Sendable {
    /// Images in the index.
    ///
    /// The hash index numbers them with 32 bits and keeps 0 for "free"; at 86 bytes an image,
    /// memory ends long before that.
    package var images: Int
    /// Links that are remembered at one time, expired ones included.
    ///
    /// At about 90 bytes a link ten million take 900 MB; with links of a minute, remembered for a
    /// day, that is 115 new ones a second.
    package var links: Int
    /// Different camera names.
    ///
    /// There are some ten thousand models in the world; beyond a million the
    /// names are made up, and an image with a further one counts as one without a camera.
    package var cameras: Int

    /// Sets limits.
    ///
    /// - Parameters:
    ///   - images: images in the index.
    ///   - links: links remembered at one time.
    ///   - cameras: different camera names.
    package init(
        images: Int = Int(UInt32.max) - 1,
        links: Int = 10_000_000,
        cameras: Int = 1_000_000
    ) {
        precondition(images > 0 && images < Int(UInt32.max) && links > 0 && cameras >= 0)
        precondition(cameras < Int(UInt32.max), "cameras are numbered with 32 bits")
        self.images = images
        self.links = links
        self.cameras = cameras
    }
}
