# Dot-sourced by the BeforeAll of a suite that uses disks as their users do: an NBD client that knows how to write, in no more than
# the language and .NET. Numbers go over the wire with their highest byte first.

function ConvertTo-TestBytes {
    param([Parameter(Mandatory, ValueFromPipeline)] $Number)

    process {
        $bytes = [System.BitConverter]::GetBytes($Number)
        [array]::Reverse($bytes)
        $bytes
    }
}

function Receive-TestBytes {
    param([Parameter(Mandatory)] $Client, [Parameter(Mandatory)] [int] $Count)

    $bytes = [byte[]]::new($Count)
    $Client.ReadExactly($bytes, 0, $Count)
    $bytes
}

# Connects to the origin of a device; the caller closes the connection.
function Connect-TestOrigin {
    param([Parameter(Mandatory)] $Device)

    $socket = [System.Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
    $socket.Connect([System.Net.Sockets.UnixDomainSocketEndPoint]::new(($Device.Uri -replace '^.*socket=')))
    $client = [System.Net.Sockets.NetworkStream]::new($socket, $true)
    $null = Receive-TestBytes $client 18 # NBDMAGIC, IHAVEOPT, flags
    $name = [System.Text.Encoding]::UTF8.GetBytes($Device.Name)
    $client.Write([byte[]]((3u | ConvertTo-TestBytes) + # fixed newstyle, no zeroes
            [System.Text.Encoding]::ASCII.GetBytes('IHAVEOPT') + (1u | ConvertTo-TestBytes) + # NBD_OPT_EXPORT_NAME
            ([uint32]$name.Length | ConvertTo-TestBytes) + $name))
    $null = Receive-TestBytes $client 10 # size, flags
    $client
}

# Asks for a write and does not wait for it.
function Send-TestWrite {
    param([Parameter(Mandatory)] $Client, [long] $Offset = 0, [Parameter(Mandatory)] [int] $Length, [byte] $Value = 0xab)

    $data = [byte[]]::new($Length)
    [array]::Fill($data, $Value)
    $Client.Write([byte[]]((0x25609513u | ConvertTo-TestBytes) + [byte[]](0, 0, 0, 1) + ([uint64]0 | ConvertTo-TestBytes) +
            ([uint64]$Offset | ConvertTo-TestBytes) + ([uint32]$Length | ConvertTo-TestBytes)))
    $Client.Write($data)
}

# Waits for the reply to a request; the error number, 0 for success.
function Receive-TestReply {
    param([Parameter(Mandatory)] $Client)

    [int](Receive-TestBytes $Client 16)[7]
}

# Writes to a disk through its origin, as somebody who comes, writes and goes.
function Write-TestOrigin {
    param([Parameter(Mandatory)] [string] $Name, [long] $Offset = 0, [Parameter(Mandatory)] [int] $Length, [byte] $Value = 0xab)

    $client = Connect-TestOrigin (Get-SnapDevice $Name -WarningAction SilentlyContinue)
    try {
        Send-TestWrite $client $Offset $Length $Value
        if ((Receive-TestReply $client) -ne 0) { throw "The write to $Name failed." }
    }
    finally { Disconnect-TestOrigin $client $Name }
}

# Closes a connection, and waits until the device has noticed.
function Disconnect-TestOrigin {
    param([Parameter(Mandatory)] $Client, [Parameter(Mandatory)] [string] $Name)

    $Client.Dispose()
    while ((Get-SnapDevice $Name -WarningAction SilentlyContinue).OpenCount -gt 0) { $null = [System.Threading.Thread]::Yield() }
}
