BeforeDiscovery {
    Import-Module "$PSScriptRoot/../../SnapBackup.psd1" -Force
    $cmdlets = @(Get-Command -Module SnapBackup | ForEach-Object { @{ Name = $_.Name } })
    $mutating = @('Add', 'Connect', 'Disconnect', 'Dismount', 'Invoke', 'Mount', 'New', 'Register', 'Remove', 'Restore', 'Start', 'Stop', 'Unregister')
    $changing = @(Get-Command -Module SnapBackup | Where-Object { $_.Verb -in $mutating } | ForEach-Object { @{ Name = $_.Name } })
}

BeforeAll {
    $manifest = "$PSScriptRoot/../../SnapBackup.psd1"
    Import-Module $manifest -Force
}

Describe 'The module' {
    It 'exports exactly the cmdlets that its assembly holds' {
        $exported = @(Get-Command -Module SnapBackup | ForEach-Object { $_.Name })
        $cmdlet = [System.Management.Automation.CmdletAttribute]
        $held = @([SnapBackup.PowerShell.SnapBackupCommand].Assembly.GetExportedTypes() |
                ForEach-Object { [Attribute]::GetCustomAttribute($_, $cmdlet) } |
                Where-Object { $null -ne $_ } |
                ForEach-Object { "$($_.VerbName)-$($_.NounName)" })
        [array]::Sort($exported)
        [array]::Sort($held)
        $exported | Should -Be $held
    }

    It 'names in its manifest what it exports' {
        $declared = & ([scriptblock]::Create([System.IO.File]::ReadAllText($manifest)))
        $declared.CmdletsToExport.Count | Should -Be @(Get-Command -Module SnapBackup).Count
        foreach ($name in $declared.CmdletsToExport) { (Get-Command $name).ModuleName | Should -Be 'SnapBackup' }
    }

    It 'can be imported again, removed, and imported after that' {
        Import-Module $manifest -Force
        @(Get-Module SnapBackup).Count | Should -Be 1
        Remove-Module SnapBackup
        Get-Module SnapBackup | Should -BeNullOrEmpty
        Get-Command -Module SnapBackup | Should -BeNullOrEmpty
        Import-Module $manifest
        @(Get-Module SnapBackup).Count | Should -Be 1
    }
}

Describe 'What a session has attached' {
    BeforeAll {
        [System.IO.File]::WriteAllBytes("$TestDrive/disk.img", [byte[]]::new(1MB))
        $device = @{ Source = "$TestDrive/disk.img"; Log = "$TestDrive/disk.log"; LogSize = 1MB }
    }

    BeforeEach {
        $socket = (New-SnapDevice @device).Uri -replace '^.*socket='
    }

    AfterEach {
        Import-Module $manifest -Force
    }

    It 'is let go when the module is removed' {
        Remove-Module SnapBackup
        [System.IO.Directory]::Exists([System.IO.Path]::GetDirectoryName($socket)) | Should -BeFalse
        Import-Module $manifest
        Get-SnapDevice | Should -BeNullOrEmpty
        (New-SnapDevice @device).Name | Should -Be 'snap0' -Because 'source and log must be free again'
    }

    It 'is let go also when the folder of its socket is gone' {
        [System.IO.Directory]::Delete([System.IO.Path]::GetDirectoryName($socket), $true)
        Remove-Module SnapBackup
        Get-Module SnapBackup | Should -BeNullOrEmpty
        Import-Module $manifest
        (New-SnapDevice @device).Name | Should -Be 'snap0' -Because 'source and log must be free again'
    }

    It 'is let go when the module is imported again by force' {
        Import-Module $manifest -Force
        Get-SnapDevice | Should -BeNullOrEmpty
        (New-SnapDevice @device).Name | Should -Be 'snap0' -Because 'source and log must be free again'
    }

    It 'leaves its snapshots on its log, where the next session finds them' {
        $null = Start-Snapshot snap0 -Name kept
        Remove-Module SnapBackup
        Import-Module $manifest
        Get-Snapshot | Should -BeNullOrEmpty
        (New-SnapDevice @device).Snapshots | Should -Be 'kept'
        "$((Get-Snapshot).State)" | Should -Be 'Active'
        Stop-Snapshot snap0
    }

    It 'stays when the module is imported again without force' {
        Import-Module $manifest
        (Get-SnapDevice).Name | Should -Be 'snap0'
    }
}

Describe 'The folder of the socket' {
    BeforeAll {
        $variable = 'XDG_RUNTIME_DIR'
        $before = [System.Environment]::GetEnvironmentVariable($variable) ?? [NullString]::Value
        [System.IO.File]::WriteAllBytes("$TestDrive/disk.img", [byte[]]::new(1MB))
        function Get-SocketFolder {
            param([Parameter(Mandatory)] [string] $RuntimeFolder)

            [System.Environment]::SetEnvironmentVariable($variable, $RuntimeFolder)
            Import-Module $manifest -Force
            $device = New-SnapDevice "$TestDrive/disk.img" "$TestDrive/disk.log" -LogSize 1MB
            [System.IO.Path]::GetDirectoryName(($device.Uri -replace '^.*socket='))
        }
    }

    AfterEach {
        [System.Environment]::SetEnvironmentVariable($variable, $before)
        Import-Module $manifest -Force
    }

    It 'is made in the runtime folder, and none that was there is taken' {
        $runtime = [System.IO.Directory]::CreateDirectory("$([System.IO.Path]::GetTempPath())/$([guid]::NewGuid().ToString('N').Substring(0, 8))").FullName
        try {
            foreach ($number in 1..200) { $null = [System.IO.Directory]::CreateDirectory("$runtime/snapbackup-$PID-$number") }
            $there = [System.IO.Directory]::GetDirectories($runtime)
            $folder = Get-SocketFolder $runtime
            [System.IO.Path]::GetDirectoryName($folder) | Should -Be $runtime
            $folder | Should -Not -BeIn $there
            "$([System.IO.File]::GetUnixFileMode($folder))" | Should -Be 'UserExecute, UserWrite, UserRead'
        }
        finally {
            Remove-Module SnapBackup
            [System.IO.Directory]::Delete($runtime, $true)
        }
    }

    It 'replaces those of sessions that were killed, and of nobody else' {
        $runtime = [System.IO.Directory]::CreateDirectory("$([System.IO.Path]::GetTempPath())/$([guid]::NewGuid().ToString('N').Substring(0, 8))").FullName
        try {
            $noProcess = [int]::MaxValue
            $left = [System.IO.Directory]::CreateDirectory("$runtime/snapbackup-$noProcess-abcdef").FullName
            [System.IO.File]::WriteAllText("$left/nbd.sock", '')
            $others = "$runtime/snapbackup-$PID-abcdef", "$runtime/snapbackup-jobs", "$runtime/other-$noProcess-abcdef" |
                ForEach-Object { [System.IO.Directory]::CreateDirectory($_).FullName }
            $null = Get-SocketFolder $runtime
            [System.IO.Directory]::Exists($left) | Should -BeFalse
            $others | ForEach-Object { [System.IO.Directory]::Exists($_) | Should -BeTrue }
        }
        finally {
            Remove-Module SnapBackup
            [System.IO.Directory]::Delete($runtime, $true)
        }
    }

    It 'is made elsewhere when the runtime folder <Why>' -ForEach @(
        @{ Why = 'has so long a path that no socket can be there'; Given = { [System.IO.Directory]::CreateDirectory("$TestDrive/$('x' * 100)").FullName } }
        @{ Why = 'is not there'; Given = { '/run/none' } }
    ) {
        $runtime = & $Given
        $folder = Get-SocketFolder $runtime
        $folder | Should -Not -BeLike "$runtime*"
        [System.IO.File]::Exists("$folder/nbd.sock") | Should -BeTrue
    }
}

Describe 'The dependencies of the module' {
    BeforeAll {
        $default = [System.Runtime.Loader.AssemblyLoadContext]::Default
        $map = [SnapBackup.PowerShell.ErrorRecordMap].GetMethod('ToErrorRecord')
        $blocks = $map.GetParameters()[0].ParameterType.Assembly
        $private = [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($blocks)
    }

    It 'are loaded into a context of their own' {
        $private.Name | Should -Be 'SnapBackup'
    }

    It 'leave no <_> in the default context' -ForEach 'SnapBackup.Blocks', 'SnapBackup.Control', 'Quartz', 'SharpCompress', 'Microsoft.Data.Sqlite' {
        $name = $_
        $assembly = $private.LoadFromAssemblyName([System.Reflection.AssemblyName]::new($name))
        $assembly.Location | Should -BeLike '*Dependencies*'
        @($default.Assemblies | Where-Object { $_.GetName().Name -eq $name }) | Should -HaveCount 0
    }

    It 'bring their native library with them' {
        $sqlite = $private.LoadFromAssemblyName([System.Reflection.AssemblyName]::new('Microsoft.Data.Sqlite'))
        $connection = [System.Activator]::CreateInstance($sqlite.GetType('Microsoft.Data.Sqlite.SqliteConnection'), 'Data Source=:memory:')
        try {
            $connection.Open()
            $connection.ServerVersion | Should -Match '^3\.'
        }
        finally { $connection.Dispose() }
    }
}

Describe '<Name>' -ForEach $cmdlets {
    BeforeAll {
        $command = Get-Command $Name
        $help = Get-Help $Name -Full
    }

    It 'has an approved verb' {
        $groups = [psobject].Assembly.GetExportedTypes() | Where-Object { $_.Name -like 'Verbs*' -and $_.IsAbstract }
        $approved = @($groups | ForEach-Object { $_.GetFields() } | ForEach-Object { $_.GetRawConstantValue() })
        $command.Verb | Should -BeIn $approved
    }

    It 'has a noun of ours in the singular' {
        $command.Noun | Should -MatchExactly '^Snap[A-Za-z]*[^s]$'
    }

    It 'says what it does' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -BeLike "*$Name *"
        $help.description.Text | Should -Not -BeNullOrEmpty
    }

    It 'has an example that runs it and says what it does' {
        $examples = @($help.examples.example)
        $examples[0].code | Should -BeLike "*$Name*"
        foreach ($example in $examples) { $example.remarks.Text | Should -Not -BeNullOrEmpty }
    }

    It 'describes each of its parameters' {
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
        foreach ($parameter in @($command.Parameters.Keys | Where-Object { $_ -notin $common })) {
            $described = @($help.parameters.parameter | Where-Object { $_.name -eq $parameter })
            $described.description.Text | Should -Not -BeNullOrEmpty -Because "-$parameter needs a description"
        }
    }

    It 'says of each parameter what it is when it is not given, and whether it takes wildcards' {
        foreach ($parameter in $help.parameters.parameter) {
            $parameter.defaultValue | Should -Not -BeNullOrEmpty -Because "-$($parameter.name) has a value when it is not given, or None"
            $attributes = $command.Parameters[$parameter.name].Attributes
            $takesWildcards = @($attributes | Where-Object { $_ -is [System.Management.Automation.SupportsWildcardsAttribute] }).Count -gt 0
            $parameter.globbing | Should -Be "$takesWildcards".ToLowerInvariant()
        }
    }

    It 'sets each of its examples off with a heading' {
        foreach ($example in $help.examples.example) { $example.title | Should -Match '^-+ Example \d+ -+$' }
    }

    It 'shows each of its parameter sets' {
        @($help.syntax.syntaxItem) | Should -HaveCount $command.ParameterSets.Count
    }

    It 'says what it returns' {
        $command.OutputType | Should -Not -BeNullOrEmpty -Because 'OutputType drives completion, and void is a type too'
    }
}

Describe 'The help of the module' {
    It 'has a topic with the words, the first steps and where to look' {
        $about = "$(Get-Help about_SnapBackup)"
        foreach ($part in 'origin', 'bookmark', 'New-SnapDevice', 'Start-Snapshot', 'Get-Snapshot -Bookmark', 'Restore-SnapArchive', 'SEE ALSO') {
            $about | Should -BeLike "*$part*"
        }
    }
}

Describe '<Name>, which changes something' -ForEach $changing {
    It 'can be tried with -WhatIf and asks with -Confirm' {
        $parameters = (Get-Command $Name).Parameters.Keys
        $parameters | Should -Contain 'WhatIf'
        $parameters | Should -Contain 'Confirm'
    }
}
