internal import ArgumentParser

ImageServiceCommand.main()
