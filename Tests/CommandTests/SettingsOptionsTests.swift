internal import ArgumentParser
internal import Server
internal import Testing

@testable import image_service

@Suite struct SettingsOptionsTests {
    @Test(arguments: Setting.all.map(\.name))
    func `every setting is an option whose value arrives under the setting's name`(
        name: String
    ) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        let options = try SettingsOptions.parse([setting.option, "something"])
        #expect(options.given == [setting.name: "something"])
    }

    @Test func `every option is a setting`() {
        let help = SettingsOptions.helpMessage(columns: 4_000)
        let names = help.split(separator: "\n").compactMap { line -> Substring? in
            let line = line.drop { $0 == " " }
            return line.hasPrefix("--") ? line.prefix { $0 != " " } : nil
        }
        #expect(names.map(String.init) == Setting.all.map(\.option))
    }

    @Test func `the help of serve shows name, default and range of every setting`() {
        let help = ImageServiceCommand.helpMessage(for: ServeCommand.self, columns: 4_000)
        for setting in Setting.all {
            #expect(help.contains("\(setting.option) <\(setting.valueName)>"))
            #expect(help.contains(setting.helpText))
        }
    }

    @Test func `without options nothing is given`() throws {
        #expect(try SettingsOptions.parse([]).given.isEmpty)
    }

    @Test func `serve is the command when none is named`() throws {
        let command = try ImageServiceCommand.parseAsRoot(["--port", "0"])
        #expect((command as? ServeCommand)?.settings.given == ["PORT": "0"])
    }

    @Test(
        arguments: [
            ["--nonsense"], ["serve", "--port"], ["nonsense"], ["verify", "--port", "1"],
            ["healthcheck", "extra"],
        ]
    )
    func `a mistake on the command line is a usage error`(arguments: [String]) {
        #expect {
            _ = try ImageServiceCommand.parseAsRoot(arguments)
        } throws: { error in
            ImageServiceCommand.exitCode(for: error) == .validationFailure
        }
    }

    @Test(arguments: ["ftp://127.0.0.1/", "http://example.com/", "127.0.0.1:8001"])
    func `an address that cannot be asked is a usage error`(url: String) throws {
        var command = try ImageServiceCommand.parseAsRoot(["healthcheck", "--url", url])
        #expect {
            try command.run()
        } throws: { error in
            ImageServiceCommand.exitCode(for: error) == .validationFailure
        }
    }
}
