print("image-service")
