using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SnapBackup.Blocks;
using SnapBackup.Control;
using SnapBackup.Service;

if (!Arguments.TryParse(args, out var arguments, out var problem))
{
    Console.Error.WriteLine($"snapbackupd: {problem} See snapbackupd --help.");
    return ExitCode.Usage;
}

try
{
    switch (arguments.Command)
    {
        case Command.Help:
            Console.WriteLine(Arguments.Help);
            return ExitCode.Success;
        case Command.Version:
            Console.WriteLine($"snapbackupd {Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}");
            return ExitCode.Success;
        case Command.Check:
            return await CheckAsync(arguments).ConfigureAwait(false);
        default:
            await ServeAsync(arguments).ConfigureAwait(false);
            return ExitCode.Success;
    }
}
catch (SnapBackupException exception)
{
    Console.Error.WriteLine($"snapbackupd: {exception.Message}");
    return ExitCode.Failure;
}
catch (OperationCanceledException)
{
    return ExitCode.Success; // told to stop while it was starting
}

static async Task<int> CheckAsync(Arguments arguments)
{
    var control = new SnapBackupControl(arguments.State, arguments.Socket, TimeProvider.System);
    await using (control.ConfigureAwait(false))
        return DocumentCheck.Run(control.Jobs, arguments.State.Jobs, Console.Out, Console.Error);
}

static async Task ServeAsync(Arguments arguments)
{
    using var single = ServiceLock.Acquire(arguments.State);
    var settings = new HostApplicationBuilderSettings
    {
        ApplicationName = "snapbackupd",
        ContentRootPath = AppContext.BaseDirectory, // whatever folder it is started in
        Configuration = new ConfigurationManager { ["hostBuilder:reloadConfigOnChange"] = "false" },
    };
    var builder = Host.CreateApplicationBuilder(settings);
    builder.Services
        .AddSystemd()
        .Configure<HostOptions>(options => options.ShutdownTimeout = BackupService.StopLimit)
        .Configure<SimpleConsoleFormatterOptions>(options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        })
        .PostConfigure<ConsoleLoggerOptions>(options => options.FormatterName ??= ConsoleFormatterNames.Simple)
        .AddSingleton(arguments)
        .AddHostedService<BackupService>();
    builder.Logging
        .AddFilter("Quartz", LogLevel.Warning)
        .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what it would say, the program itself says
    await builder.Build().RunAsync().ConfigureAwait(false);
}
