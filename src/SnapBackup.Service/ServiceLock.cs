using System.Globalization;
using System.Text;
using SnapBackup.Control;

namespace SnapBackup.Service;

/// <summary>
/// One service a state folder: a lock on a file in it, which the kernel lets go when the process dies, however it dies.
/// The file holds the process number for the message to a second one; it stays, because removing a lock's file lets two
/// processes lock two files of one name.
/// </summary>
internal sealed class ServiceLock : IDisposable
{
    private const int LongestProcessId = 10;

    private readonly FileStream _file;

    private ServiceLock(FileStream file) => _file = file;

    /// <summary>Makes the folder when it is missing, for its owner only, and takes the lock.</summary>
    /// <exception cref="ServiceException"><see cref="ServiceError.AlreadyRunning"/> or <see cref="ServiceError.StateFolderUnusable"/>.</exception>
    public static ServiceLock Acquire(StateFolder state)
    {
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(state.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // Unbuffered: a write that found no room would be tried again when the file is closed.
            file = new FileStream(
                Path.Combine(state.Path, "service.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            Lock(file, state);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            return new ServiceLock(file);
        }
        catch (Exception exception)
        {
            file?.Dispose();
            if (exception is not (IOException or UnauthorizedAccessException))
                throw;
            throw new ServiceException(
                ServiceError.StateFolderUnusable, $"{state.Path}: the state folder cannot be used: {exception.Message}", exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static void Lock(FileStream file, StateFolder state)
    {
        try
        {
            file.Lock(0, LongestProcessId);
        }
        catch (IOException exception)
        {
            throw new ServiceException(
                ServiceError.AlreadyRunning, $"{state.Path}: {ReadOwner(file)} runs the jobs of this folder already. Stop it, or name another folder.", exception);
        }
    }

    private static string ReadOwner(FileStream file)
    {
        var text = new byte[LongestProcessId];
        var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        return length == 0
            ? "a process that started a moment ago"
            : $"process {Encoding.ASCII.GetString(text, 0, length)}";
    }
}
