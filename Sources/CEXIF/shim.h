// What `ImageFormat/EXIF+libexif.swift` sees of libexif, and nothing else of the project sees.
#pragma once
#include <libexif/exif-data.h>
#include <libexif/exif-mem.h>
